import { Modal } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { useWords } from '../preferences/use-preferences.tsx'
import { useLive } from './live.tsx'
import { DAILY_PAGES, PAGE_KEYS } from './pages.ts'
import { rowAfter } from './row-after.ts'
import { useWorkspaceId } from './url-state.ts'

/** After `g` the next letter says where to; whoever thinks longer than this has not meant it. */
const CHORD_WAIT_MAX_MS = 1500
const TYPING = 'input, textarea, select, [contenteditable], [role="dialog"]'

/** The keys of every page. Where somebody types, they are letters. */
export function useKeys({ help, find }: { readonly help: () => void; readonly find: () => void }): void {
  const client = useQueryClient()
  const { toggle } = useLive()
  const navigate = useNavigate()
  const workspace = useWorkspaceId()
  // A page that has just come has heard no `g`, either: its clock begins at 0.
  const chordAt = useRef(Number.NEGATIVE_INFINITY)
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      // Also where somebody types: no letter is meant by it.
      if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'k') {
        event.preventDefault()
        return find()
      }
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
      if (event.target instanceof Element && event.target.closest(TYPING)) return
      const isChord = event.timeStamp - chordAt.current < CHORD_WAIT_MAX_MS
      chordAt.current = Number.NEGATIVE_INFINITY
      const page = isChord ? PAGE_KEYS[event.key] : undefined
      if (page && DAILY_PAGES.includes(page)) void navigate({ to: `/w/${workspace}/${page}` })
      else if (event.key === 'g') chordAt.current = event.timeStamp
      else if (event.key === '?') help()
      else if (event.key === 'p') toggle()
      else if (event.key === 'r') void client.refetchQueries({ type: 'active' })
      else if (event.key === '/') document.querySelector<HTMLInputElement>('input[type=search]')?.focus()
      else if (event.key === 'j' || event.key === 'ArrowDown') return moveRow(event, 1)
      else if (event.key === 'k' || event.key === 'ArrowUp') return moveRow(event, -1)
      else return
      event.preventDefault()
    }
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  }, [client, find, help, navigate, toggle, workspace])
}

/** Arrows scroll as everywhere until a row has been chosen. An open panel follows. */
function moveRow(event: KeyboardEvent, step: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('main:not([inert]) [data-row]')]
  const focused = rows.indexOf(document.activeElement as HTMLElement)
  const opened = rows.findIndex(row => row.closest('tr.on'))
  const from = focused >= 0 ? focused : opened
  if (event.key.startsWith('Arrow') && from < 0) return
  const next = rows[rowAfter(from, step, rows.length)]
  if (!next) return
  event.preventDefault()
  next.focus()
  if (document.querySelector('main .panel')) next.click()
}

export function KeysHelp({ isOpen, close }: { readonly isOpen: boolean; readonly close: () => void }) {
  const { frame } = useWords()
  return (
    <Modal
      opened={isOpen}
      onClose={close}
      title={frame.keysHelp}
      closeButtonProps={{ 'aria-label': frame.close }}
    >
      <dl className="facts">
        {frame.keys.flatMap(([keys, what]) => [
          <dt key={keys}>
            {keys.split(' ').map(key => (
              <kbd key={key}>{key}</kbd>
            ))}
          </dt>,
          <dd key={`${keys} does`}>{what}</dd>,
        ])}
      </dl>
    </Modal>
  )
}
