import { Button } from '@mantine/core'
import { type Endpoint, endpoints } from '@qunhub/wire'
import { type FormEvent, useState } from 'react'
import { useAct } from '../api/use-verb.ts'
import { BodyTree } from '../callbacks/body-tab.tsx'
import { PageLink } from '../frame/page-link.tsx'
import { Complaint } from '../frame/say.tsx'
import { useMay, useSignedIn } from '../frame/session.ts'
import { useUrlState, useWorkspaceId } from '../frame/url-state.ts'
import { usePreferences, useWords } from '../preferences/use-preferences.tsx'
import { gatewayRoot, Meanings } from '../requests/meanings.tsx'
import { Outcome } from '../requests/requests-page.tsx'
import { showCount } from '../show/moment.ts'
import { inLanguage } from '../words/in-language.ts'
import { CodeBox } from './code-box.tsx'
import { bodyOf, doesSomething, fieldsOf, type TypedFields } from './fields.ts'
import { TryInput } from './try-field.tsx'

/** Sooner than that nobody has read what is asked. */
const THINKS_AT_LEAST_MS = 1_000

/** The API, called from the console: a form for each endpoint, the answer explained, and the same call as programs. */
export function TryPage() {
  const { words, language } = usePreferences()
  const { try: say, frame } = words
  const { simulated } = useSignedIn()
  const [search, change] = useUrlState()
  const endpoint: Endpoint = endpoints.find(({ name }) => name === search['endpoint']) ?? endpoints[0]
  return (
    <>
      <div className="head">
        <h1>{frame.pages.try}</h1>
        <span className="grow" />
        <a href={`${gatewayRoot}docs${language === 'zh' ? '' : '/en'}#${endpoint.name}`}>{say.docs}</a>
        <a href={`${gatewayRoot}docs/try${language === 'zh' ? '' : '/en'}`}>{say.outside}</a>
      </div>
      <p className="quiet">
        {say.why} {simulated && say.simulated}
      </p>
      <div className="filters">
        <select
          className="pick whole"
          aria-label={say.endpoint}
          value={endpoint.name}
          onChange={event => change({ endpoint: event.currentTarget.value })}
        >
          {endpoints.map(({ name, method, path, summary }) => (
            <option key={name} value={name}>
              {method} {path} · {inLanguage(summary, language)}
            </option>
          ))}
        </select>
      </div>
      <Trial key={endpoint.name} endpoint={endpoint} />
    </>
  )
}

function Trial({ endpoint }: { readonly endpoint: Endpoint }) {
  const { try: say, frame } = useWords()
  const workspace = useWorkspaceId()
  const may = useMay('operator')
  const { simulated } = useSignedIn()
  const [search] = useUrlState()
  const fields = fieldsOf(endpoint)
  // A link may bring what is known already: the room that somebody looked at.
  const [typed, setTyped] = useState<TypedFields>(() =>
    Object.fromEntries(fields.map(({ name }) => [name, search[name] ?? ''])),
  )
  const [sureSince, setSureSince] = useState<number | null>(null)
  const isSure = sureSince !== null
  // Asked again for want of an answer, it is the same room that is made; otherwise another one.
  const [key, setKey] = useState(newKey)
  const trying = useAct('try-request', { onDone: () => setKey(newKey()) })
  const body = bodyOf(fields, typed)
  const isReal = doesSomething(endpoint) && !simulated
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (isReal && !isSure) return setSureSince(performance.now())
    // The second half of a double click is no second thought.
    if (isReal && performance.now() - sureSince! < THINKS_AT_LEAST_MS) return
    setSureSince(null)
    trying.mutate({
      ...{ workspace, endpoint: endpoint.name as 'exit', body: JSON.stringify(body) },
      ...(endpoint.name === 'create' ? { idempotencyKey: key } : {}),
    })
  }
  return (
    <>
      <div className="two">
        <section className="box" aria-label={say.fields}>
          <header>
            <h2>{say.fields}</h2>
          </header>
          <form className="within stack" onSubmit={submit}>
            {fields.length === 0 && <p className="quiet">{say.noFields}</p>}
            {fields.map(field => (
              <TryInput
                key={field.name}
                field={field}
                value={typed[field.name] ?? ''}
                change={value => {
                  setSureSince(null)
                  setKey(newKey())
                  setTyped(before => ({ ...before, [field.name]: value }))
                }}
              />
            ))}
            {isSure && (
              <p role="alert" className="bad inset">
                {say.sure}
              </p>
            )}
            <div className="row">
              <span className="grow" />
              <Button
                type="submit"
                variant="filled"
                {...(isSure ? { color: 'var(--danger)' } : {})}
                loading={trying.isPending}
                disabled={!may}
                {...(may ? {} : { title: frame.roleTooLow(frame.roles.operator) })}
              >
                {isReal ? say.runReal : say.run}
              </Button>
            </div>
          </form>
        </section>
        <section className="box" aria-label={say.answer} aria-live="polite">
          <header>
            <h2>{say.answer}</h2>
          </header>
          <Complaint failure={trying.error} />
          {trying.data ? (
            <Answer path={endpoint.path} tried={trying.data} />
          ) : (
            !trying.error && <p className="within quiet">{say.none}</p>
          )}
        </section>
      </div>
      <CodeBox endpoint={endpoint} body={body} />
    </>
  )
}

/** `randomUUID` is none of a browser's whose address is no secure one. */
const newKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('')

interface AnswerProps {
  readonly path: string
  readonly tried: NonNullable<ReturnType<typeof useAct<'try-request'>>['data']>
}

function Answer({ path, tried }: AnswerProps) {
  const { try: say } = useWords()
  const { status, code, ms, requestId, answer, isWhole } = tried
  return (
    <>
      <div className="within row">
        <Outcome request={{ endpoint: path, status, code }} />
        <span>
          {showCount(ms)} {say.ms}
        </span>
        {requestId && (
          <PageLink page="requests" search={{ open: requestId }}>
            {say.seeRequest}
          </PageLink>
        )}
      </div>
      <Meanings path={path} status={status} code={code} />
      {!isWhole && <p className="within quiet">{say.cut}</p>}
      <div className="scrolls" style={{ maxHeight: 480 }}>
        <BodyTree body={answer} />
      </div>
    </>
  )
}
