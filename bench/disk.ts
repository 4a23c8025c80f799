/**
 * P14: what a callback costs the disk on SQLite. One callback of 2 KB after another, each owed when the one before was
 * heard; apart, so that not even what became of one shares its commit with the next: the dearest case; then four at a time, as a
 * busy hour has them. Counted is what Linux says that the process caused to be written (`write_bytes`), with the checkpoints.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Child, openChild } from './child.ts'
import type { Counted } from './receiver.ts'

const SIZES = { full: 3000, tiny: 40 } as const
const BYTES = 2000
const ROOMS = 200
const LOOK_EVERY_MS = 2
/** What became of a callback waits for the next one for 5 ms. */
const APART_MS = 20
const GIVE_UP_AFTER_MS = 120_000

export async function disk(size: keyof typeof SIZES): Promise<object> {
  const home = await mkdtemp(join(tmpdir(), 'qunhub-bench-'))
  const receiver = await openChild<{ url: string }>('receiver.ts', null)
  try {
    return {
      what: 'KB written to the disk for a callback of 2 KB on SQLite, alone, apart and four at a time; limit (P14): 24',
      callbacks: SIZES[size],
      bytes: BYTES,
      kbAlone: await writeFor(1, 0, SIZES[size], join(home, 'alone'), receiver),
      kbApart: await writeFor(1, APART_MS, SIZES[size], join(home, 'apart'), receiver),
      kbOfFour: await writeFor(4, 0, SIZES[size], join(home, 'four'), receiver),
    }
  } finally {
    await receiver.end()
    await rm(home, { recursive: true, force: true })
  }
}

async function writeFor(
  together: number,
  apartMs: number,
  callbacks: number,
  dataDir: string,
  receiver: Child & { readonly opened: { readonly url: string } },
): Promise<number> {
  const product = await openChild('outbox-product.ts', { dataDir, urls: [receiver.opened.url] })
  try {
    await receiver.ask('forget')
    const before = await product.ask<{ writtenBytes: number }>('disk')
    for (let owed = 0; owed < callbacks; owed += together) {
      await product.ask({ callbacks: together, rooms: ROOMS, bytes: BYTES, hands: together, fromRoom: owed })
      await heard(receiver, owed + together)
      if (apartMs > 0) await pause(apartMs)
    }
    const after = await product.ask<{ writtenBytes: number }>('disk')
    return Number(((after.writtenBytes - before.writtenBytes) / callbacks / 1024).toFixed(1))
  } finally {
    await product.end()
  }
}

async function heard(receiver: Child, callbacks: number): Promise<void> {
  const giveUpAt = performance.now() + GIVE_UP_AFTER_MS
  for (;;) {
    const counted = await receiver.ask<Counted>('count')
    if (counted.heard >= callbacks) return
    if (performance.now() > giveUpAt) throw new Error(`heard ${counted.heard} of ${callbacks}`)
    await pause(LOOK_EVERY_MS)
  }
}
