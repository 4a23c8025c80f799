import { Button, Modal, Select } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { askVerb } from '../api/ask.ts'
import { useAct } from '../api/use-verb.ts'
import { SameThing } from '../frame/same-thing.tsx'
import { Complaint, Waiting } from '../frame/say.tsx'
import { useMay } from '../frame/session.ts'
import { useWorkspaceId } from '../frame/url-state.ts'
import { useWords } from '../preferences/use-preferences.tsx'
import { showCount } from '../show/moment.ts'
import type { RoomsFilter } from './tag-rooms.tsx'

interface TagAllProps {
  readonly verb: 'assign-tag-to-all' | 'unassign-tag-from-all'
  readonly filter: RoomsFilter
  readonly choices: readonly { readonly value: string; readonly label: string }[]
}

/** Counted by the gateway first, and then done with the very conditions that were counted. */
export function TagAll({ verb, filter, choices }: TagAllProps) {
  const { pages, frame } = useWords()
  const { rooms } = pages
  const say = rooms.all[verb]
  const workspace = useWorkspaceId()
  const may = useMay('operator')
  const [counted, setCounted] = useState<RoomsFilter>()
  const [tag, setTag] = useState<string | null>(null)
  const count = useMutation({
    mutationFn: (what: RoomsFilter & { readonly tag: string }) =>
      askVerb(verb, { workspace, ...what, dryRun: true }),
  })
  const act = useAct(verb, {
    onDone: ({ changed }) => {
      notifications.show({ message: say.done(showCount(changed)) })
      setCounted(undefined)
    },
  })
  const open = () => {
    count.reset()
    act.reset()
    setTag(null)
    setCounted(filter)
  }
  const choose = (chosen: string | null) => {
    setTag(chosen)
    if (chosen && counted) count.mutate({ ...counted, tag: chosen })
  }
  const { matching, atLeast = false } = count.data ?? {}
  const told = `${showCount(matching ?? 0)}${atLeast ? '+' : ''}`
  const input = { workspace, ...counted, tag: tag ?? '' }
  return (
    <>
      <Button
        size="compact-sm"
        disabled={!may || choices.length === 0}
        title={
          may ? (choices.length === 0 ? rooms.all.noTags : undefined) : frame.roleTooLow(frame.roles.operator)
        }
        onClick={open}
      >
        {say.open}
      </Button>
      <Modal
        opened={counted !== undefined}
        onClose={() => setCounted(undefined)}
        title={say.open}
        // A double click on the button that opens it is no click beside it.
        closeOnClickOutside={false}
        closeButtonProps={{ 'aria-label': frame.close }}
      >
        <div className="stack">
          <p>{counted && Object.keys(counted).length > 0 ? rooms.all.fits : rooms.all.every}</p>
          <Select label={rooms.tag} data={[...choices]} value={tag} allowDeselect={false} onChange={choose} />
          <Complaint failure={count.error ?? act.error} />
          {count.isPending && <Waiting rows={1} />}
          {matching !== undefined && <p role="status">{rooms.all.count(told)}</p>}
          <div className="row">
            <span className="grow" />
            <Button onClick={() => setCounted(undefined)}>{frame.cancel}</Button>
            <Button
              variant="filled"
              disabled={!(matching || atLeast) || !tag}
              loading={act.isPending}
              onClick={() => act.mutate(input)}
            >
              {say.act(told)}
            </Button>
          </div>
          {tag && <SameThing verb={verb} input={input} />}
        </div>
      </Modal>
    </>
  )
}
