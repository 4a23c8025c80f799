import { Button, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { SESSION } from '../api/query-client.ts'
import { useAct } from '../api/use-verb.ts'
import { useWords } from '../preferences/use-preferences.tsx'
import { FIRST_PAGE } from './pages.ts'
import { Complaint } from './say.tsx'

export function AddWorkspace() {
  const { frame } = useWords()
  const [name, setName] = useState('')
  const client = useQueryClient()
  const navigate = useNavigate()
  const add = useAct('add-workspace', {
    onDone: async ({ id }) => {
      await client.refetchQueries({ queryKey: SESSION })
      await navigate({ to: `/w/${id}/${FIRST_PAGE}` })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    add.mutate({ name })
  }
  return (
    <form onSubmit={submit} className="stack">
      <TextInput
        label={frame.workspaceName}
        value={name}
        required
        maxLength={100}
        onChange={event => setName(event.currentTarget.value)}
      />
      <Complaint failure={add.error} />
      <Button type="submit" variant="filled" loading={add.isPending}>
        {frame.addWorkspace}
      </Button>
    </form>
  )
}
