import { Anchor, Button, PasswordInput, TextInput } from '@mantine/core'
import type { ConsoleSession } from '@qunhub/wire'
import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useEffect, useState } from 'react'
import { setUp, signIn } from '../api/ask.ts'
import { consoleRoot } from '../api/console-root.ts'
import { SESSION } from '../api/query-client.ts'
import { useDoing } from '../api/use-doing.ts'
import { Complaint } from '../frame/say.tsx'
import { usePreferences } from '../preferences/use-preferences.tsx'
import { PASSWORD_CHARACTERS_MIN } from './password-length.ts'
import { setupCodeOf } from './setup-code-of.ts'

interface SignInProps {
  readonly session: ConsoleSession
  /** Somebody was signed in here, and is not any more. */
  readonly isOver: boolean
}

export function SignIn({ session, isOver }: SignInProps) {
  const { words, language, chooseLanguage } = usePreferences()
  const { signIn: say, frame } = words
  const [given] = useState(() => setupCodeOf(location.hash))
  const [byCode, setByCode] = useState(session.setupOpen || given !== '')
  const [code, setCode] = useState(given)
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const client = useQueryClient()
  useEffect(() => {
    document.title = `${say.title} · ${frame.name}`
    // It counts once only, and is nobody's business who looks into the history.
    if (location.hash !== '') history.replaceState(history.state, '', location.pathname + location.search)
  }, [say, frame])
  const enter = useDoing({
    act: () => (byCode ? setUp({ code: code.trim(), name, password }) : signIn({ name, password })),
    onDone: entered => {
      client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== SESSION[0] })
      client.setQueryData(SESSION, entered)
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    enter.mutate()
  }
  return (
    <main className="door">
      <form onSubmit={submit}>
        <div className="row">
          <div className="brand">
            <img src={`${consoleRoot(import.meta.url)}icon.svg`} alt="" />
            {frame.name}
          </div>
          <span className="grow" />
          <Button
            onClick={() => chooseLanguage(language === 'zh' ? 'en' : 'zh')}
            lang={language === 'zh' ? 'en' : 'zh-CN'}
          >
            {frame.otherLanguage}
          </Button>
        </div>
        <h1>{session.setupOpen ? say.setUpTitle : say.title}</h1>
        {isOver && <p className="wait inset">{say.over}</p>}
        {session.setupOpen && <p className="quiet">{say.setUpWhy}</p>}
        {byCode && (
          <TextInput
            label={say.code}
            value={code}
            onChange={event => setCode(event.currentTarget.value)}
            autoComplete="one-time-code"
            spellCheck={false}
            required
          />
        )}
        <TextInput
          label={say.name}
          value={name}
          onChange={event => setName(event.currentTarget.value)}
          autoComplete="username"
          required
          maxLength={100}
        />
        <PasswordInput
          label={say.password}
          {...(byCode ? { description: say.passwordHint, minLength: PASSWORD_CHARACTERS_MIN } : {})}
          value={password}
          onChange={event => setPassword(event.currentTarget.value)}
          autoComplete={byCode ? 'new-password' : 'current-password'}
          required
        />
        <Complaint failure={enter.error} />
        <Button type="submit" variant="filled" loading={enter.isPending}>
          {byCode ? say.setUp : say.signIn}
        </Button>
        <div className="stack">
          <small>{byCode ? say.where : say.forgot}</small>
          <pre>npm run qunhub -- console code</pre>
          {!session.setupOpen && (
            <Anchor component="button" type="button" onClick={() => setByCode(before => !before)}>
              {byCode ? say.havePassword : say.haveCode}
            </Anchor>
          )}
        </div>
      </form>
    </main>
  )
}
