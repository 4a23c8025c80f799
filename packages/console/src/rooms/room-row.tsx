import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { apiBase } from '../api/api-base.ts'
import { useVerb } from '../api/use-verb.ts'
import { CopyButton } from '../frame/copyable.tsx'
import { Complaint } from '../frame/say.tsx'
import { useWorkspaceId } from '../frame/url-state.ts'
import { useWords } from '../preferences/use-preferences.tsx'

interface RoomRowProps {
  readonly chatId: string
  readonly roomWxid: string
}

/** The room exactly as a customer reads it, and the call that answers with it; read once somebody wants to see it. */
export function RoomRow({ chatId, roomWxid }: RoomRowProps) {
  const { roomPanel: panel, frame, callbacks } = useWords()
  const [isOpen, setOpen] = useState(false)
  const read = useVerb('show-chat', { workspace: useWorkspaceId(), chat: chatId }, { enabled: isOpen })
  const row = read.data ? JSON.stringify(read.data.row, null, 2) : ''
  // It is made of the contract, which is as large as all the rest of the page.
  const { data: call } = useQuery({
    queryKey: ['room-call', roomWxid],
    queryFn: async () => (await import('./room-call.ts')).roomCall(roomWxid, apiBase()),
    enabled: isOpen,
    staleTime: Number.POSITIVE_INFINITY,
  })
  return (
    <details className="within" onToggle={event => setOpen(event.currentTarget.open)}>
      <summary>{panel.row}</summary>
      <Complaint failure={read.error} />
      <div className="stack">
        <p className="quiet">{panel.rowWhy}</p>
        <div className="row">
          <CopyButton text={() => row}>{panel.copyJson}</CopyButton>
          {call && <CopyButton text={() => call}>{callbacks.copyCurl}</CopyButton>}
        </div>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it with the arrows. */}
        <pre tabIndex={0}>{row || frame.loading}</pre>
      </div>
    </details>
  )
}
