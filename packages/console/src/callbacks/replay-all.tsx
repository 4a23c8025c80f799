import { Button, Modal } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { askVerb } from '../api/ask.ts'
import { SHOWN, useAct } from '../api/use-verb.ts'
import { SameThing } from '../frame/same-thing.tsx'
import { Complaint, Waiting } from '../frame/say.tsx'
import { useMay } from '../frame/session.ts'
import { useWorkspaceId } from '../frame/url-state.ts'
import { usePreferences } from '../preferences/use-preferences.tsx'
import { showCount } from '../show/moment.ts'
import { FilterInWords } from './filter-in-words.tsx'
import { type CallbackFilter, replayFilter } from './filters.ts'

/** Counted by the gateway first, and then started with the very filter that was counted and is shown. */
export function ReplayAll({ filter }: { readonly filter: CallbackFilter }) {
  const { callbacks: say, frame } = usePreferences().words
  const workspace = useWorkspaceId()
  const client = useQueryClient()
  const may = useMay('operator')
  const [counted, setCounted] = useState<ReturnType<typeof replayFilter>>()
  const what = replayFilter(filter)
  const count = useMutation({
    mutationFn: (fits: NonNullable<typeof what>) =>
      askVerb('start-replay', { workspace, ...fits, dryRun: true }),
  })
  const start = useAct('start-replay', {
    onDone: () => {
      notifications.show({ message: say.replayStarted })
      setCounted(undefined)
      // Rows that still say “parked” would be replayed once more.
      void client.resetQueries({ queryKey: [SHOWN] })
    },
  })
  const ask = () => {
    if (!what) return
    setCounted(what)
    start.reset()
    count.mutate(what)
  }
  const matching = count.data?.matching
  const told = matching === undefined ? '' : `${showCount(matching)}${count.data?.atLeast ? '+' : ''}`
  // Nothing may be found in time, and there be some all the same.
  const isSome = count.data !== undefined && (count.data.matching > 0 || count.data.atLeast)
  const why = may ? (what ? undefined : say.replayAllNeedsFilter) : frame.roleTooLow(frame.roles.operator)
  return (
    <>
      <Button variant="filled" onClick={ask} disabled={why !== undefined} title={why}>
        {say.replayAll}
      </Button>
      <Modal
        opened={counted !== undefined}
        onClose={() => setCounted(undefined)}
        title={say.replayAllTitle}
        // A double click on the button that opens it is no click beside it.
        closeOnClickOutside={false}
        closeButtonProps={{ 'aria-label': frame.close }}
      >
        <div className="stack">
          <FilterInWords filter={counted ?? {}} />
          <Complaint failure={count.error ?? start.error} />
          {count.isPending && <Waiting rows={1} />}
          {matching === 0 && !count.data?.atLeast && <p>{say.replayAllNone}</p>}
          {isSome && <p>{say.replayAllCount(told)}</p>}
          {count.data?.atLeast && <p className="quiet">{say.replayAllAtLeast}</p>}
          <div className="row">
            <span className="grow" />
            <Button onClick={() => setCounted(undefined)}>{frame.cancel}</Button>
            <Button
              variant="filled"
              disabled={!isSome}
              loading={start.isPending}
              onClick={() => counted && start.mutate({ workspace, ...counted })}
            >
              {say.replayAllDo(told || '0')}
            </Button>
          </div>
          {counted && <SameThing verb="start-replay" input={{ workspace, ...counted }} />}
        </div>
      </Modal>
    </>
  )
}
