import { Button } from '@mantine/core'
import type { ErrorComponentProps } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { NoAnswer, NotOurs, Refused } from '../api/failures.ts'
import type { Language } from '../preferences/preferences.ts'
import { usePreferences, useWords } from '../preferences/use-preferences.tsx'
import { inLanguage } from '../words/in-language.ts'
import type { Words } from '../words/words.ts'
import { Copyable } from './copyable.tsx'
import { HomeLink } from './page-link.tsx'

/** What went wrong, for people: why, and by which id the gateway's log knows it. */
export function whyOf(failure: Error, words: Words, language: Language, noAnswer = words.frame.noAnswer) {
  if (failure instanceof Refused)
    return { why: inLanguage(failure.message, language), requestId: failure.requestId }
  if (failure instanceof NotOurs) return { why: words.frame.notOurs, requestId: failure.requestId }
  if (failure instanceof NoAnswer) return { why: noAnswer, requestId: null }
  return { why: failure.message, requestId: null }
}

/** Keeps about the height of what comes, so that nothing jumps. */
export function Waiting({ rows = 6 }: { readonly rows?: number }) {
  const { frame } = useWords()
  return (
    <div className="waits" role="status">
      <span className="away">{frame.loading}</span>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike.
        <i key={row} />
      ))}
    </div>
  )
}

/** Nothing is there: what that means, and what one does about it. */
export function Nothing({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className="say">
      <h2>{title}</h2>
      {children}
    </div>
  )
}

export function Failure({ failure, again }: { readonly failure: Error; readonly again?: () => void }) {
  const { words, language } = usePreferences()
  const { why, requestId } = whyOf(failure, words, language)
  return (
    <div className="say" role="alert">
      <h2>{words.frame.failed}</h2>
      <p>{why}</p>
      {requestId && (
        <p>
          {words.frame.requestId} <Copyable text={requestId} />
        </p>
      )}
      {again && <Button onClick={again}>{words.frame.retry}</Button>}
    </div>
  )
}

/** The same in one line, below a form. Nothing is done again by itself there, and what was asked may have been done. */
export function Complaint({ failure }: { readonly failure: Error | null }) {
  const { words, language } = usePreferences()
  if (!failure) return null
  const { why, requestId } = whyOf(failure, words, language, words.frame.noAnswerToAct)
  return (
    <p role="alert" className="bad inset">
      {why}
      {requestId && (
        <small>
          {' '}
          {words.frame.requestId} <Copyable text={requestId} />
        </small>
      )}
    </p>
  )
}

export function UnknownPage() {
  const { frame } = useWords()
  return (
    <Nothing title={frame.unknownPage}>
      <HomeLink>{frame.back}</HomeLink>
    </Nothing>
  )
}

/** A fault of ours in one page: the rest of the console stays. */
export function PageBroke({ error }: ErrorComponentProps) {
  const { frame } = useWords()
  return (
    <div className="say" role="alert">
      <h2>{frame.broken}</h2>
      <p>{frame.brokenWhy}</p>
      <code>{String(error)}</code>
      <Button onClick={() => location.reload()}>{frame.reload}</Button>
    </div>
  )
}
