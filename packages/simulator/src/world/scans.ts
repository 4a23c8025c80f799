import { WeComRefused } from './refused.ts'
import type { World } from './world.ts'
import type { Bot, Wxid } from './world-state.ts'

export const SCAN_STEPS = ['scanned', 'confirmed', 'cancelled', 'expired'] as const
/** What somebody with a phone does with a QR code, or what becomes of it when nobody comes. */
export type ScanStep = (typeof SCAN_STEPS)[number]

/** The QR code that a bot awaiting its scan shows. */
export interface Scan {
  /** Counts the codes of the bot, so that no two are alike. */
  readonly number: number
  readonly status: 'waiting' | ScanStep
}

/** A scheme of our own: a phone that scans it goes nowhere by accident. */
export const qrcodeOf = (wxid: Wxid, { number }: Scan): string => `qunhub-simulator://login/${wxid}/${number}`

/** The code that the bot shows; a bot that awaits its scan always shows one. */
export function scanOf(world: World, bot: Bot): Scan {
  return world.scans.get(bot.wxid) ?? showFreshCode(world, bot)
}

export function showFreshCode(world: World, { wxid }: Bot): Scan {
  const scan: Scan = { number: (world.scans.get(wxid)?.number ?? 0) + 1, status: 'waiting' }
  world.scans.set(wxid, scan)
  return scan
}

/**
 * Goes a step on with the code that the bot shows: `scanned`, then `confirmed`, which logs it in; `cancelled` and
 * `expired` put a fresh code in its place. Whoever says which code he holds is refused when it is not that one any more.
 */
export function takeScanStep(world: World, wxid: Wxid, step: ScanStep, qrcode?: string): void {
  const bot = world.bot(wxid)
  if (bot.state !== 'awaiting-scan') throw new WeComRefused('not-awaiting-scan', bot.state)
  const scan = scanOf(world, bot)
  if (qrcode !== undefined && qrcode !== qrcodeOf(wxid, scan)) throw new WeComRefused('qrcode-stale')

  tellScan(world, bot, { ...scan, status: step })
  if (step === 'confirmed') world.setBotState(wxid, 'online')
  else if (step !== 'scanned') tellScan(world, bot, showFreshCode(world, bot))
}

function tellScan(world: World, { wxid }: Bot, scan: Scan): void {
  world.scans.set(wxid, scan)
  world.tell({ type: 'scan', wxid })
}
