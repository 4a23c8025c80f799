/**
 * P13: how much longer one workspace waits for its answers while another one asks for as many cold lists at once as one token
 * may: 500 of 100 rooms of 100 members. On SQLite and on PostgreSQL, each in turn with a moment without them.
 *
 * The neighbour asks for a list of its own, at a fixed rate (`asking.ts`). He and the crowd are processes of their own.
 *
 * All of them share the machine's cores. So each round is repeated with a raw server in the product's place (`control`) that writes as
 * many lists of the same bytes: what the neighbour waits for beyond that is the product's own share (`ofControl`). And with one that
 * answers no list of the crowd at all, and refuses each as it comes (`floor`): what five hundred connections alone cost him.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { hearDuring, openAsker, p99 } from './asking.ts'
import { type Child, openChild } from './child.ts'
import { openPostgres } from './open-postgres.ts'
import { median } from './peer.ts'

const SIZES = {
  full: { rooms: 200, members: 100, lists: 500, rounds: 5, aloneMs: 5000 },
  tiny: { rooms: 6, members: 4, lists: 10, rounds: 1, aloneMs: 100 },
} as const
type Size = (typeof SIZES)[keyof typeof SIZES]
const PER_SECOND = 50

interface Opened {
  readonly origin: string
  /** Of the one who asks for all at once, and of his neighbour. */
  readonly heavyPath: string
  readonly lightPath: string
}

interface Crowd {
  readonly ms: number
  readonly statuses: Readonly<Record<string, number>>
}

export async function neighbour(size: keyof typeof SIZES): Promise<object> {
  const home = await mkdtemp(join(tmpdir(), 'qunhub-bench-'))
  const server = await openPostgres(size)
  try {
    return {
      what: 'p99 of a workspace while another asks for 500 cold lists at once, against the same without them; limit: 2',
      perSecond: PER_SECOND,
      ...SIZES[size],
      sqlite: await compare({ dataDir: join(home, 's') }, SIZES[size]),
      postgres: await compare({ dataDir: join(home, 'p'), databaseUrl: server.url }, SIZES[size]),
    }
  } finally {
    await server.remove()
    await rm(home, { recursive: true, force: true })
  }
}

async function compare(store: { dataDir: string; databaseUrl?: string }, size: Size): Promise<object> {
  const measured: Measured[] = []
  const controlled: Measured[] = []
  const refusing: Measured[] = []
  for (let round = 0; round < size.rounds; round++) {
    // The cache of a process that has just begun is cold.
    const product = await openChild<Opened>('neighbour-product.ts', { ...store, ...size, fill: round === 0 })
    const ends: Child[] = [product]
    try {
      const withProduct = await measureWithCrowd(product, size)
      measured.push(withProduct)
      const answered = withProduct.crowd.statuses['200'] ?? 0
      const control = await openChild<Opened>('neighbour-control.ts', { ...product.opened, answered })
      ends.push(control)
      const floor = await openChild<Opened>('neighbour-control.ts', { ...product.opened, answered: 0 })
      ends.push(floor)
      await product.end()
      controlled.push(await measureWithCrowd(control, size))
      refusing.push(await measureWithCrowd(floor, size))
    } finally {
      for (const each of ends) await each.end()
    }
  }
  return {
    ...waits(measured),
    control: { ...waits(controlled), listsMs: median(controlled.map(({ crowd }) => crowd.ms)) },
    floor: waits(refusing),
    ofControl: median(measured.map(({ crowdedP99 }, round) => crowdedP99 / controlled[round]!.crowdedP99)),
    otherAnswers: measured.reduce((sum, { otherAnswers }) => sum + otherAnswers, 0),
    memoryGrewMiB: Math.max(...measured.map(({ grewMiB }) => grewMiB)),
    listsMs: median(measured.map(({ crowd }) => crowd.ms)),
    lists: measured.map(({ crowd }) => crowd.statuses),
  }
}

type Measured = Awaited<ReturnType<typeof measure>>

const waits = (measured: readonly Measured[]) => ({
  p99Ratio: median(measured.map(({ aloneP99, crowdedP99 }) => crowdedP99 / aloneP99)),
  aloneP99Ms: median(measured.map(({ aloneP99 }) => aloneP99)),
  crowdedP99Ms: median(measured.map(({ crowdedP99 }) => crowdedP99)),
})

async function measureWithCrowd(product: Child & { readonly opened: Opened }, size: Size) {
  const crowd = await openChild<null>('neighbour-crowd.ts', {})
  const neighbour = await openAsker()
  try {
    return await measure(product, { crowd, neighbour }, size)
  } finally {
    await neighbour.end()
    await crowd.end()
  }
}

async function measure(
  product: Child & { readonly opened: Opened },
  { crowd, neighbour }: Readonly<Record<'crowd' | 'neighbour', Child>>,
  size: Size,
) {
  const { origin, heavyPath, lightPath } = product.opened
  const light = { url: origin + lightPath, perSecond: PER_SECOND }
  await hearDuring(() => pause(Math.min(1000, size.aloneMs)), neighbour, light)
  const alone = await hearDuring(() => pause(size.aloneMs), neighbour, light)
  const before = await product.ask<number>('rss')
  const ask = () => crowd.ask<Crowd>({ url: origin + heavyPath, lists: size.lists })
  const crowded = await hearDuring(ask, neighbour, light)
  return {
    aloneP99: p99(alone.took),
    crowdedP99: p99(crowded.took),
    otherAnswers: alone.others + crowded.others,
    grewMiB: Math.round(((await product.ask<number>('rss')) - before) / 2 ** 20),
    crowd: crowded.result,
  }
}
