import type { BotSession } from '../../model/bot.ts'
import type { PuppetNews } from '../puppet-events.ts'

/**
 * What a scan event makes of a session: a fresh code is shown, or it is told how far somebody has come with the one that is.
 * Null when it is no news. The wait began with the first code; each has a time of its own.
 */
export function afterScan(
  session: BotSession,
  { qrcode, progress }: Extract<PuppetNews, { kind: 'scan' }>,
  now: number,
): { readonly next: BotSession; readonly isFresh: boolean } | null {
  const shown = session.state === 'awaiting-scan' ? session : null
  const code = qrcode || shown?.qrcode
  const isKnown = shown?.qrcode === code
  if (!code || (isKnown && shown?.scan === progress)) return null

  const givenAt = isKnown && shown ? shown.givenAt : now
  const since = shown?.since ?? now
  return { next: { state: 'awaiting-scan', since, qrcode: code, givenAt, scan: progress }, isFresh: !isKnown }
}
