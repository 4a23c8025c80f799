import type { Counted, VerbOutput } from '@qunhub/wire'
import { useVerb } from '../api/use-verb.ts'
import { BotTable } from '../bots/bots-page.tsx'
import { useNow } from '../frame/moment.tsx'
import { PageLink } from '../frame/page-link.tsx'
import { Failure, Nothing, Waiting } from '../frame/say.tsx'
import { useWorkspaceId } from '../frame/url-state.ts'
import { usePreferences, useWords } from '../preferences/use-preferences.tsx'
import { showCount, showSpan } from '../show/moment.ts'
import { RateBox } from './rate-box.tsx'
import { todosOf } from './todos.ts'

type Overview = VerbOutput<'show-overview'>

/** All of it comes in one answer, so that no two parts of the page speak of different moments. */
export function OverviewPage() {
  const { frame } = useWords()
  const workspace = useWorkspaceId()
  const { data: overview, error, refetch } = useVerb('show-overview', { workspace })
  return (
    <>
      <div className="head">
        <h1>{frame.pages.overview}</h1>
      </div>
      {error && <Failure failure={error} again={() => void refetch()} />}
      {!overview && !error && (
        <section className="box">
          <Waiting rows={16} />
        </section>
      )}
      {overview && <Whole overview={overview} />}
    </>
  )
}

/** Shown at once, so that nothing moves while parts of it come: the chart, which is read apart, has its place. */
function Whole({ overview }: { readonly overview: Overview }) {
  const { frame, pages } = useWords()
  return (
    <>
      {!overview.callbacks.everDelivered && <FirstSteps {...overview} />}
      <Cards overview={overview} />
      <div className="two glance">
        <RateBox />
        <Todos overview={overview} />
      </div>
      <section className="box" aria-label={frame.pages.bots}>
        <header>
          <h2>{frame.pages.bots}</h2>
          <span className="grow" />
          <PageLink page="bots">{pages.overview.all}</PageLink>
        </header>
        <BotTable bots={overview.bots.first} isBrief />
      </section>
    </>
  )
}

const shown = ({ count, atLeast }: Counted): string => `${showCount(count)}${atLeast ? '+' : ''}`

function Cards({ overview }: { readonly overview: Overview }) {
  const { words, language } = usePreferences()
  const { overview: say } = words.pages
  const now = useNow()
  const { bots, callbacks, address } = overview
  const { oldestOwedAt, lastHour } = callbacks
  return (
    <div className="cards">
      <PageLink page="bots" className="card">
        <div className="name">{say.botsOnline}</div>
        <div className="big">
          {bots.online} <small>{say.of(bots.all)}</small>
        </div>
        <div className="sub">
          {bots.deaf > 0 && <span className="tag bad">{say.deaf(bots.deaf)}</span>}
          {bots.awaitingScan > 0 && <span className="tag wait">{say.scan(bots.awaitingScan)}</span>}
          {bots.away > 0 && <span className="tag bad">{say.away(bots.away)}</span>}
        </div>
      </PageLink>
      <PageLink page="callbacks" search={{ state: 'due' }} className="card">
        <div className="name">{say.waiting}</div>
        <div className="big">{shown(callbacks.waiting)}</div>
        <div className="sub">
          {oldestOwedAt !== null && say.oldest(showSpan(now - oldestOwedAt, language))}
        </div>
      </PageLink>
      <PageLink page="callbacks" search={{ state: 'parked' }} className="card">
        <div className="name">{say.parked}</div>
        <div className="big">{shown(callbacks.parked)}</div>
        <div className="sub">
          {callbacks.parked.count > 0 && <span className="tag bad">{say.parkedWhy}</span>}
        </div>
      </PageLink>
      <PageLink page="callbacks" search={{ state: 'delivered' }} className="card">
        <div className="name">{say.lastHour}</div>
        <div className="big">{showCount(lastHour.delivered)}</div>
        <div className="sub">
          {lastHour.retried > 0 && (
            <span className="tag wait">{say.retried(showCount(lastHour.retried))}</span>
          )}
          {lastHour.parked > 0 && (
            <span className="tag bad">{say.parkedNow(showCount(lastHour.parked))}</span>
          )}
        </div>
      </PageLink>
      <PageLink page="address" className="card">
        <div className="name">{say.address}</div>
        <div className="big" style={{ fontSize: 20 }}>
          {address ? words.address.breakers[address.breaker] : say.noAddress}
        </div>
        <div className="sub mono">{address ? new URL(address.url).host : null}</div>
      </PageLink>
    </div>
  )
}

const areOnline = ({ bots }: Overview): boolean => bots.online === bots.all

function Todos({ overview }: { readonly overview: Overview }) {
  const words = useWords()
  const { overview: say } = words.pages
  const todos = todosOf(overview, words)
  return (
    <section className="box">
      <header>
        <h2>{say.todo}</h2>
      </header>
      {todos.length === 0 && (
        <Nothing title={areOnline(overview) ? say.allWell : say.connecting}>
          <p>{say.allWellWhy(shown(overview.callbacks.waiting), areOnline(overview))}</p>
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
function FirstSteps({ bots, address }: Overview) {
  const { overview: say } = useWords().pages
  const steps = [
    { page: 'bots', word: say.stepOf.bot, done: bots.all > 0 },
    { page: 'bots', word: say.stepOf.online, done: bots.online + bots.deaf > 0 },
    { page: 'address', word: say.stepOf.address, done: address !== null },
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
