import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useWords } from '../preferences/use-preferences.tsx'

/**
 * `http://` on a name of the office's network is no secure context, and has no clipboard; then the old way is tried, through a field
 * that nobody sees. Says whether it was copied.
 */
async function copyText(text: string): Promise<boolean> {
  if (window.isSecureContext && navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text)
      return true
    } catch (failure) {
      if (!(failure instanceof DOMException)) throw failure
    }
  }
  const field = document.createElement('textarea')
  field.value = text
  field.className = 'away'
  document.body.append(field)
  field.select()
  const copied = document.execCommand('copy')
  field.remove()
  return copied
}

function useCopy(): (text: string) => void {
  const { frame } = useWords()
  return text =>
    void copyText(text).then(copied =>
      notifications.show({
        message: copied ? frame.copied : frame.notCopied,
        color: copied ? 'blue' : 'red',
        autoClose: 2000,
      }),
    )
}

/** An id as it is: monospace, and copied by a click. */
export function Copyable({ text, shown = text }: { readonly text: string; readonly shown?: string }) {
  const { frame } = useWords()
  const copy = useCopy()
  return (
    <button type="button" className="copyable" title={`${frame.copy} ${text}`} onClick={() => copy(text)}>
      {shown}
    </button>
  )
}

export function CopyButton({ text, children }: { readonly text: () => string; readonly children: string }) {
  const copy = useCopy()
  return (
    <Button size="compact-sm" onClick={() => copy(text())}>
      {children}
    </Button>
  )
}
