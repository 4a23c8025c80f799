/**
 * How a bot stands with its login, as it happens: the gateway is asked, and answers when something has changed, again and again
 * while somebody looks at the page. It ends when the page is left or hidden, so that pages in the background take none of the six
 * connections that a browser has for a host; or when live updates are paused. After a failure it waits.
 */
import type { BotLoginRecord } from '@qunhub/wire'
import { useEffect, useState } from 'react'
import { askVerb } from '../api/ask.ts'
import { gatewayClock } from '../api/gateway-clock.ts'
import { useLive } from '../frame/live.tsx'

const WAIT_SECONDS = 10
const AFTER_FAILURE_MS = 3_000

export interface Watched {
  readonly login: BotLoginRecord | undefined
  /** When the gateway said so last; null while nobody asks: then it may be over. */
  readonly heardAt: number | null
  readonly failure: Error | null
}

export function useLogin(workspace: string, bot: string, enabled: boolean): Watched {
  const [watched, setWatched] = useState<Watched>({ login: undefined, heardAt: null, failure: null })
  const isHidden = useHidden()
  const { isPaused } = useLive()
  const isWatching = enabled && !isHidden && !isPaused
  useEffect(() => {
    if (!isWatching) return
    const left = new AbortController()
    void watch(workspace, bot, left.signal, setWatched)
    return () => {
      left.abort()
      setWatched(before => ({ ...before, heardAt: null }))
    }
  }, [workspace, bot, isWatching])
  return watched
}

async function watch(
  workspace: string,
  bot: string,
  left: AbortSignal,
  tell: (watched: (before: Watched) => Watched) => void,
): Promise<void> {
  let seen: string | undefined
  while (!left.aborted) {
    try {
      const input = { workspace, bot, ...(seen === undefined ? {} : { seen, waitSeconds: WAIT_SECONDS }) }
      const login = await askVerb('login-bot', input, left)
      if (left.aborted) return
      seen = login.seen
      tell(() => ({ login, heardAt: gatewayClock.now(), failure: null }))
    } catch (failure) {
      if (left.aborted) return
      if (!(failure instanceof Error)) throw failure
      seen = undefined
      // What somebody is typing meanwhile stays.
      tell(({ login }) => ({ login, heardAt: null, failure }))
      await new Promise(resolve => setTimeout(resolve, AFTER_FAILURE_MS))
    }
  }
}

function useHidden(): boolean {
  const [isHidden, setHidden] = useState(document.hidden)
  useEffect(() => {
    const look = () => setHidden(document.hidden)
    document.addEventListener('visibilitychange', look)
    return () => document.removeEventListener('visibilitychange', look)
  }, [])
  return isHidden
}
