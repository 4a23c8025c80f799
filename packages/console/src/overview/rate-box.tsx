import { useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { useVerb } from '../api/use-verb.ts'
import { writeInstant } from '../callbacks/filters.ts'
import { Moment, useNow } from '../frame/moment.tsx'
import { HereLink, PageLink } from '../frame/page-link.tsx'
import { Complaint, Waiting } from '../frame/say.tsx'
import { useUrlState, useWorkspaceId } from '../frame/url-state.ts'
import { usePreferences, useWords } from '../preferences/use-preferences.tsx'
import { showCount, showShortly } from '../show/moment.ts'
import {
  beginOf,
  OUTCOMES,
  type Rate,
  rangeOf,
  readSpan,
  SPANS,
  type SpanName,
  stacked,
  totalsOf,
} from './rate.ts'

/** The chart's library is loaded when there is a chart to be drawn. */
const RateCanvas = lazy(async () => ({ default: (await import('./rate-canvas.tsx')).RateCanvas }))

const ROWS_MAX = 60
const MINUTE_MS = 60_000
const TONES = { delivered: 'ok', retried: 'wait', parked: 'bad', quarantined: 'info' } as const

/** What became of callbacks, minute by minute; a part of it leads to the callbacks of that time. */
export function RateBox() {
  const { rate: say } = useWords()
  const workspace = useWorkspaceId()
  const [search] = useUrlState()
  const span = readSpan(search['span'])
  const from = beginOf(span, useNow())
  const { data, error } = useVerb('show-callback-rate', { workspace, from })
  return (
    <section className="box rate" aria-label={say.title}>
      <header>
        <h2>{say.titleOf(data?.stepMinutes ?? 1)}</h2>
        <span className="grow" />
        <nav className="row" aria-label={say.span}>
          {(Object.keys(SPANS) as SpanName[]).map(each => (
            <HereLink
              key={each}
              replace
              className="chip"
              change={{ span: each === '1h' ? undefined : each }}
              {...(each === span ? { 'aria-current': 'true' as const } : {})}
            >
              {say.spans[each]}
            </HereLink>
          ))}
        </nav>
      </header>
      <Complaint failure={error} />
      {data ? <Drawn rate={data} /> : !error && <Waiting rows={4} />}
    </section>
  )
}

function Drawn({ rate }: { readonly rate: Rate }) {
  const { rate: say } = useWords()
  const workspace = useWorkspaceId()
  const navigate = useNavigate()
  const [pointed, setPointed] = useState<number>()
  const totals = totalsOf(rate)
  const told = OUTCOMES.map(outcome => `${say.outcomes[outcome]} ${showCount(totals[outcome])}`)
  const isEmpty = OUTCOMES.every(outcome => totals[outcome] === 0)
  return (
    <div className="within stack">
      <div className="row">
        {OUTCOMES.filter(outcome => outcome === 'delivered' || totals[outcome] > 0).map(outcome => (
          <span key={outcome} className={`tag ${TONES[outcome]}`}>
            {say.outcomes[outcome]} {showCount(totals[outcome])}
          </span>
        ))}
        <Pointed rate={rate} step={pointed} />
      </div>
      {isEmpty ? (
        <p className="quiet">{say.none}</p>
      ) : (
        <>
          <Suspense
            fallback={
              <div className="drawing">
                <Waiting rows={4} />
              </div>
            }
          >
            <RateCanvas
              rate={rate}
              label={say.summary(told.join(', '))}
              point={setPointed}
              choose={dragged =>
                void navigate({ to: `/w/${workspace}/callbacks`, search: addressOf(rangeOf(rate, dragged)) })
              }
            />
          </Suspense>
          <small>
            {say.drag} {say.late}
          </small>
          <Steps rate={rate} />
        </>
      )}
    </div>
  )
}

const addressOf = ({ from, until }: { from: number; until: number }) => ({
  ...{ from: writeInstant(from) ?? '', until: writeInstant(until) ?? '' },
})

/** What the bar under the pointer says in numbers. */
function Pointed({ rate, step }: { readonly rate: Rate; readonly step: number | undefined }) {
  const eye = usePreferences()
  const { rate: say } = eye.words
  const now = useNow()
  const at = step === undefined ? undefined : stacked(rate)[0][step]
  if (at === undefined) return null
  const found = rate.steps.find(each => each.at === at * 1000)
  const told = OUTCOMES.filter(outcome => (found?.[outcome] ?? 0) > 0).map(
    outcome => `${say.outcomes[outcome]} ${showCount(found?.[outcome] ?? 0)}`,
  )
  return (
    <small aria-hidden="true">
      {showShortly(at * 1000, now, eye)} {told.join(' · ') || 0}
    </small>
  )
}

/** The same in numbers, for whoever does not see the bars; each row leads where dragging would. */
function Steps({ rate }: { readonly rate: Rate }) {
  const { rate: say } = useWords()
  const [isOpen, setOpen] = useState(false)
  const rows = rate.steps.slice(-ROWS_MAX).reverse()
  return (
    <details onToggle={event => setOpen(event.currentTarget.open)}>
      <summary className="quiet">{say.table}</summary>
      {isOpen && (
        <table>
          <thead>
            <tr>
              <th>{say.at}</th>
              {OUTCOMES.map(outcome => (
                <th key={outcome} className="num">
                  {say.outcomes[outcome]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(step => (
              <tr key={step.at}>
                <td>
                  <PageLink
                    page="callbacks"
                    search={addressOf({ from: step.at, until: step.at + rate.stepMinutes * MINUTE_MS })}
                  >
                    <Moment at={step.at} />
                  </PageLink>
                </td>
                {OUTCOMES.map(outcome => (
                  <td key={outcome} className="num">
                    {showCount(step[outcome])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {rate.steps.length > ROWS_MAX && <small>{say.last(ROWS_MAX)}</small>}
    </details>
  )
}
