import { TextInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { useWords } from '../preferences/use-preferences.tsx'
import { useWorkspaceId } from './url-state.ts'
import { whereTo } from './where-to.ts'

/** Finds what an id names, and else rooms by their topic. */
export function SearchBox() {
  const { frame } = useWords()
  const [text, setText] = useState('')
  const workspace = useWorkspaceId()
  const navigate = useNavigate()
  const go = (event: FormEvent) => {
    event.preventDefault()
    const target = whereTo(text)
    if (target) void navigate({ to: `/w/${workspace}/${target.page}`, search: target.search })
  }
  return (
    <search className="search">
      <form onSubmit={go}>
        <TextInput
          type="search"
          aria-label={frame.search}
          placeholder={frame.search}
          value={text}
          onChange={event => setText(event.currentTarget.value)}
          rightSection={<kbd>/</kbd>}
        />
      </form>
    </search>
  )
}
