/**
 * P11, idle bots: one gateway process with a thousand simulated bots that have nothing to do, against one process with as many
 * raw gRPC clients. How much memory and CPU a bot costs, and how soon all are online. The simulator has a process of its own.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Child, openChild } from './child.ts'
import { median } from './peer.ts'
import type { Usage } from './usage.ts'

const SIZES = {
  full: { bots: 1000, rounds: 3, settleMs: 60_000, idleMs: 40_000 },
  tiny: { bots: 5, rounds: 1, settleMs: 0, idleMs: 300 },
} as const
const LOOK_EVERY_MS = 200
const GIVE_UP_AFTER_MS = 180_000
type Size = (typeof SIZES)[keyof typeof SIZES]

interface Round {
  readonly onlineMs: number
  readonly mibPerBot: number
  readonly descriptorsPerBot: number
  readonly cpuUsPerBotAndSecond: number
}

export async function bots(size: keyof typeof SIZES): Promise<object> {
  const product: Round[] = []
  const raw: Round[] = []
  for (let round = 0; round < SIZES[size].rounds; round++) {
    product.push(await measure('bots-product.ts', SIZES[size]))
    raw.push(await measure('bots-raw.ts', SIZES[size]))
  }
  const medians = (rounds: readonly Round[]) => ({
    onlineMs: Math.round(median(rounds.map(({ onlineMs }) => onlineMs))),
    mibPerBot: median(rounds.map(({ mibPerBot }) => mibPerBot)),
    descriptorsPerBot: median(rounds.map(({ descriptorsPerBot }) => descriptorsPerBot)),
    cpuUsPerBotAndSecond: median(rounds.map(({ cpuUsPerBotAndSecond }) => cpuUsPerBotAndSecond)),
  })
  return {
    what: 'idle bots in one process, against raw gRPC clients with an open event stream; limit: 0.2 MiB a bot',
    ...SIZES[size],
    product: medians(product),
    raw: medians(raw),
    memoryRatio: median(product.map(({ mibPerBot }, round) => mibPerBot / raw[round]!.mibPerBot)),
    cpuRatio: median(
      product.map(
        ({ cpuUsPerBotAndSecond }, round) => cpuUsPerBotAndSecond / raw[round]!.cpuUsPerBotAndSecond,
      ),
    ),
  }
}

/** A bot that has just come is synced, and looked at some more times within a minute, for its puppet may know late (BOT-215); then it has nothing to do. */
async function idle(child: Child, settleMs: number): Promise<void> {
  const giveUpAt = performance.now() + GIVE_UP_AFTER_MS
  while (!(await child.ask<{ isSynced: boolean }>('rooms')).isSynced) {
    if (performance.now() > giveUpAt) throw new Error('the first syncs do not end')
    await pause(LOOK_EVERY_MS)
  }
  await pause(settleMs)
}

async function measure(file: string, { bots: count, settleMs, idleMs }: Size): Promise<Round> {
  const dataDir = await mkdtemp(join(tmpdir(), 'qunhub-bench-'))
  const wecom = await openChild<{ endpoint: string; bots: { token: string }[] }>('simulated-wecom.ts', {
    idleBots: count,
  })
  let child: Child | undefined
  try {
    child = await openChild(file, { dataDir, ...wecom.opened })
    const before = await child.ask<Usage>('usage')
    const { ms } = await child.ask<{ ms: number }>('host')
    await idle(child, settleMs)
    const online = await child.ask<Usage>('usage')
    await pause(idleMs)
    const after = await child.ask<Usage>('usage')
    return {
      onlineMs: ms,
      mibPerBot: (after.rssBytes - before.rssBytes) / 2 ** 20 / count,
      descriptorsPerBot: (after.descriptors - before.descriptors) / count,
      cpuUsPerBotAndSecond: (after.cpuUs - online.cpuUs) / count / (idleMs / 1000),
    }
  } finally {
    await child?.end()
    await wecom.end()
    await rm(dataDir, { recursive: true, force: true })
  }
}
