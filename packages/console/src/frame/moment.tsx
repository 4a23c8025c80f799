import { useEffect, useState } from 'react'
import { gatewayClock } from '../api/gateway-clock.ts'
import { usePreferences } from '../preferences/use-preferences.tsx'
import { showMoment, showShortly, showSpan } from '../show/moment.ts'
import { everyTick } from './every-tick.ts'

const SECOND_MS = 1000

/** The time by the gateway's clock, again and again. */
export function useNow(everyMs = 10 * SECOND_MS): number {
  const [now, setNow] = useState(gatewayClock.now)
  useEffect(() => everyTick(everyMs, () => setNow(gatewayClock.now())), [everyMs])
  return now
}

/** Short, with the whole of it for who points at it. */
export function Moment({ at }: { readonly at: number | null }) {
  const eye = usePreferences()
  const now = useNow()
  if (at === null) return <>{eye.words.frame.none}</>
  return (
    <time className="mono" dateTime={new Date(at).toISOString()} title={showMoment(at, eye)}>
      {showShortly(at, now, eye)}
    </time>
  )
}

/** How long it has been. */
export function Since({ at }: { readonly at: number | null }) {
  const eye = usePreferences()
  const now = useNow()
  if (at === null) return <>{eye.words.frame.none}</>
  return <span title={showMoment(at, eye)}>{showSpan(now - at, eye.language)}</span>
}

/** How long ago it was. */
export function Ago({ at }: { readonly at: number }) {
  const eye = usePreferences()
  const now = useNow()
  return <span title={showMoment(at, eye)}>{eye.words.frame.ago(showSpan(now - at, eye.language))}</span>
}
