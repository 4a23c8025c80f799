import { CloseButton } from '@mantine/core'
import { type ReactNode, useEffect, useRef } from 'react'
import { useWords } from '../preferences/use-preferences.tsx'
import { useUrlState } from './url-state.ts'

interface PanelProps {
  readonly title: string
  readonly actions?: ReactNode
  readonly children: ReactNode
}

/** What stands beside a list, or over it where the screen is narrow; Esc closes it, and the row has the focus again. */
export function Panel({ title, actions, children }: PanelProps) {
  const { frame } = useWords()
  const [, change] = useUrlState()
  const panel = useRef<HTMLElement>(null)
  const close = () => {
    document.querySelector<HTMLElement>('main tr.on [data-row]')?.focus()
    change({ open: undefined, tab: undefined })
  }
  const closeNow = useRef(close)
  closeNow.current = close
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const isElsewhere =
        event.target instanceof Element && event.target.closest('[role="dialog"], [role="menu"]')
      if (event.key === 'Escape' && !event.defaultPrevented && !isElsewhere) closeNow.current()
    }
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  }, [])
  return (
    <aside className="box panel" aria-label={title} ref={panel}>
      <header>
        <h2 className="grow">{title}</h2>
        {actions && <div className="row">{actions}</div>}
        <CloseButton aria-label={frame.close} onClick={close} />
      </header>
      {children}
    </aside>
  )
}
