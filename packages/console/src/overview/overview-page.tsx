import type { AddressRecord, BotRecord } from '@qunhub/wire'
import { Refused } from '../api/failures.ts'
import { useVerb } from '../api/use-verb.ts'
import { BotTable } from '../bots/bots-page.tsx'
import { useNow } from '../frame/moment.tsx'
import { PageLink } from '../frame/page-link.tsx'
import { Failure, Nothing, Waiting } from '../frame/say.tsx'
import { useWorkspaceId } from '../frame/url-state.ts'
import { usePreferences, useWords } from '../preferences/use-preferences.tsx'
import { showCount, showSpan } from '../show/moment.ts'
import { type Counted, todosOf } from './todos.ts'

const BOTS_SHOWN_MAX = 8
const PARKED_COUNTED_MAX = 100

export function OverviewPage() {
  const { frame, pages } = useWords()
  const workspace = useWorkspaceId()
  const bots = useVerb('list-bots', { workspace })
  const address = useVerb('show-callback-address', { workspace })
  const parked = useVerb('list-callbacks', { workspace, state: 'parked', limit: PARKED_COUNTED_MAX })
  const spoiled = useVerb('list-callbacks', { workspace, state: 'quarantined', limit: PARKED_COUNTED_MAX })
  const delivered = useVerb('list-callbacks', { workspace, state: 'delivered', limit: 1 }, { every: 30_000 })
  const isUnset = address.error instanceof Refused && address.error.refused === 'callback-url-unset'
  const known = {
    bots: bots.data?.bots ?? [],
    address: isUnset ? null : address.data,
    parked: countedOf(parked.data),
    quarantined: countedOf(spoiled.data),
  }
  const asked = [bots, parked, spoiled, ...(isUnset ? [] : [address])]
  const isKnown = asked.every(({ data }) => data !== undefined)
  const hasDelivered = (delivered.data?.callbacks.length ?? 0) > 0
  const failure = asked.find(({ error }) => error)?.error
  return (
    <>
      <div className="head">
        <h1>{frame.pages.overview}</h1>
      </div>
      {failure && <Failure failure={failure} again={() => asked.forEach(each => void each.refetch())} />}
      {bots.data && delivered.data && !hasDelivered && <FirstSteps {...known} />}
      <Cards {...known} isKnown={isKnown} />
      <Todos {...known} isKnown={isKnown} />
      <section className="box">
        <header>
          <h2>{frame.pages.bots}</h2>
          <span className="grow" />
          <PageLink page="bots">{pages.overview.all}</PageLink>
        </header>
        {bots.data ? <BotTable bots={bots.data.bots.slice(0, BOTS_SHOWN_MAX)} /> : <Waiting rows={4} />}
      </section>
    </>
  )
}

interface Known {
  readonly bots: readonly BotRecord[]
  readonly address: AddressRecord | null | undefined
  readonly parked: Counted
  readonly quarantined: Counted
}

const countedOf = (page: { callbacks: readonly unknown[]; next: unknown } | undefined): Counted => ({
  count: page?.callbacks.length ?? 0,
  atLeast: (page?.next ?? null) !== null,
})

function Cards({ bots, address, parked, isKnown }: Known & { readonly isKnown: boolean }) {
  const { words, language } = usePreferences()
  const { overview: say } = words.pages
  const now = useNow()
  const inState = (...states: readonly string[]) =>
    bots.filter(({ session }) => states.includes(session.state)).length
  const online = inState('online')
  const deaf = bots.filter(({ session }) => session.deaf !== null).length
  const scan = inState('awaiting-scan')
  const away = bots.length - online - scan
  return (
    <div className="cards">
      <PageLink page="bots" className="card">
        <div className="name">{say.botsOnline}</div>
        <div className="big">
          {isKnown ? online : '…'} <small>{say.of(bots.length)}</small>
        </div>
        <div className="sub">
          {deaf > 0 && <span className="tag bad">{say.deaf(deaf)}</span>}
          {scan > 0 && <span className="tag wait">{say.scan(scan)}</span>}
          {away > 0 && <span className="tag bad">{say.away(away)}</span>}
        </div>
      </PageLink>
      <PageLink page="callbacks" search={{ state: 'due' }} className="card">
        <div className="name">{say.waiting}</div>
        <div className="big">{address === undefined ? '…' : showCount(address?.waiting ?? 0)}</div>
        <div className="sub">
          {address?.oldestOwedAt != null && say.oldest(showSpan(now - address.oldestOwedAt, language))}
        </div>
      </PageLink>
      <PageLink page="callbacks" search={{ state: 'parked' }} className="card">
        <div className="name">{say.parked}</div>
        <div className="big">
          {isKnown ? showCount(parked.count) : '…'}
          {parked.atLeast && '+'}
        </div>
        <div className="sub">{parked.count > 0 && <span className="tag bad">{say.parkedWhy}</span>}</div>
      </PageLink>
      <PageLink page="address" className="card">
        <div className="name">{say.address}</div>
        <div className="big" style={{ fontSize: 20 }}>
          {address === null ? say.noAddress : address ? words.address.breakers[address.breaker] : '…'}
        </div>
        <div className="sub mono">{address ? new URL(address.url).host : null}</div>
      </PageLink>
    </div>
  )
}

function Todos(props: Known & { readonly isKnown: boolean }) {
  const words = useWords()
  const { overview: say } = words.pages
  const todos = todosOf(props, words)
  return (
    <section className="box">
      <header>
        <h2>{say.todo}</h2>
      </header>
      {!props.isKnown && <Waiting rows={2} />}
      {props.isKnown && todos.length === 0 && (
        <Nothing title={say.allWell}>
          <p>{say.allWellWhy(props.address?.waiting ?? 0)}</p>
        </Nothing>
      )}
      {todos.map(({ key, tone, tag, what, why, page, search = {} }) => (
        <div key={key} className="todo">
          <span className={`tag ${tone}`}>{tag}</span>
          <div>
            <p>{what}</p>
            <small>{why}</small>
          </div>
          <PageLink page={page} search={search} className="chip" aria-label={`${say.look} ${what}`}>
            {say.look}
          </PageLink>
        </div>
      ))}
    </section>
  )
}

/** Of a new workspace: four steps that tick themselves off. */
function FirstSteps({ bots, address }: Known) {
  const { overview: say } = useWords().pages
  const steps = [
    { page: 'bots', word: say.stepOf.bot, done: bots.length > 0 },
    { page: 'bots', word: say.stepOf.online, done: bots.some(({ session }) => session.state === 'online') },
    { page: 'address', word: say.stepOf.address, done: address != null },
    { page: 'callbacks', word: say.stepOf.delivered, done: false },
  ]
  return (
    <section className="box">
      <header>
        <h2>{say.steps}</h2>
      </header>
      {steps.map(({ page, word, done }, at) => (
        <div key={word} className="todo">
          <span className={`tag ${done ? 'ok' : 'mute'}`}>{done ? '✓' : at + 1}</span>
          <PageLink page={page}>{word}</PageLink>
        </div>
      ))}
    </section>
  )
}
