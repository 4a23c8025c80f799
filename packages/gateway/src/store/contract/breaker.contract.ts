import { describe, expect, test } from 'vitest'
import { type BreakerEvent, EXHAUSTIONS_MAX, OPEN_MS, RAMP_STEP_DELIVERED } from '../../model/breaker.ts'
import { MINUTE_MS } from '../../system/clock.ts'
import { resumeAddress } from '../outbox/breaker-row.ts'
import { setCallbackUrl } from '../outbox/callback-addresses.ts'
import { lookAtBreaker } from '../outbox/settle-callbacks.ts'
import { OutboxScene } from './outbox.contract.ts'
import { keyring, NOON, type OpenStore } from './scene.contract.ts'

/** How a breaker is kept (CB-7); its rule is model/breaker.ts. */
export function breakerContract(open: OpenStore): void {
  /** A callback of a room of its own is tried in vain, or not, and the breaker hears of it. */
  const tell = async (box: OutboxScene, tells: (callbackId: number) => BreakerEvent, at = NOON) => {
    await box.owe('R:1', 'x', at)
    const callback = (await box.due()).at(-1)!
    const { change } = await box.settle(callback, { settle: 'parked', at }, undefined, tells(callback.id))
    return change
  }
  const exhaust = (box: OutboxScene, at = NOON) =>
    tell(box, callbackId => ({ what: 'exhausted', callbackId }), at)
  const openIt = async (box: OutboxScene, at = NOON) => {
    for (let n = 1; n <= EXHAUSTIONS_MAX; n++) await exhaust(box, at)
  }
  const look = async (box: OutboxScene, now: number) =>
    (await lookAtBreaker(box.db, await box.address(), async () => now))?.breaker
  const breaker = async (box: OutboxScene) => (await box.address()).breaker

  describe('the breaker', () => {
    test('CB-7 nine exhaustions leave it closed, the tenth opens it for 30 minutes, and whoever runs the address next knows', async () => {
      const box = await OutboxScene.open(open)
      for (let n = 1; n < EXHAUSTIONS_MAX; n++) expect(await exhaust(box, NOON + n)).toBeNull()
      expect(await breaker(box)).toMatchObject({ state: 'closed' })
      expect(await exhaust(box, NOON + 10)).toBe('opened')
      expect(await breaker(box)).toEqual({ state: 'open', until: NOON + 10 + OPEN_MS })
    })

    test('CB-7 what is told a second time, because the first one’s commit was cut off, counts once', async () => {
      const box = await OutboxScene.open(open)
      await box.owe('R:1', 'x')
      const callback = await box.first()
      const tells = { what: 'exhausted', callbackId: callback.id } as const
      for (let told = 0; told < 2 * EXHAUSTIONS_MAX; told++)
        await box.settle(callback, { settle: 'parked', at: NOON }, undefined, tells)
      expect(await breaker(box)).toMatchObject({
        state: 'closed',
        exhaustions: [{ callbackId: callback.id }],
      })
    })

    test('CB-7 of exhaustions that are told at once none is forgotten: one of them opens it', async () => {
      const box = await OutboxScene.open(open)
      for (let n = 1; n < EXHAUSTIONS_MAX; n++) await exhaust(box)
      for (let n = 1; n <= 4; n++) await box.owe(`R:${n}`, 'x')
      const changes = await Promise.all(
        (await box.due()).map(async callback => {
          const tells = { what: 'exhausted', callbackId: callback.id } as const
          return (await box.settle(callback, { settle: 'parked', at: NOON }, undefined, tells)).change
        }),
      )
      expect(changes.filter(change => change === 'opened')).toHaveLength(1)
    })

    test('CB-7 it is half-open when it has been open for 30 minutes, and not before', async () => {
      const box = await OutboxScene.open(open)
      await openIt(box)
      expect(await look(box, NOON + OPEN_MS - 1)).toMatchObject({ state: 'open' })
      expect(await look(box, NOON + OPEN_MS)).toEqual({ state: 'half-open' })
      expect(await breaker(box)).toEqual({ state: 'half-open' })
    })

    test('CB-7 a probe that fails opens it again, and costs its callback no retry', async () => {
      const box = await OutboxScene.open(open)
      await openIt(box)
      const now = NOON + OPEN_MS
      await look(box, now)
      await box.owe('R:1', 'probe')
      const held = { settle: 'held', at: now + 1000 } as const
      const { change } = await box.settle(await box.first(), held, undefined, {
        what: 'probed',
        delivered: false,
      })
      expect(change).toBe('opened')
      expect(await breaker(box)).toEqual({ state: 'open', until: now + 1000 + OPEN_MS })
      expect(await box.list({ state: 'due' })).toMatchObject([{ state: 'due', attempt: 0 }])
    })

    test('CB-7 a probe that is taken closes it; how far it has recovered is kept', async () => {
      const box = await OutboxScene.open(open)
      await openIt(box)
      await look(box, NOON + OPEN_MS)
      expect(await tell(box, () => ({ what: 'probed', delivered: true }))).toBe('closed')
      const ramps: unknown[] = []
      for (let n = 0; n < 2 * RAMP_STEP_DELIVERED; n++) {
        const now = await breaker(box)
        ramps.push(now.state === 'closed' && now.ramp?.inFlightMax)
        await tell(box, () => ({ what: 'delivered' }))
      }
      expect(new Set(ramps)).toEqual(new Set([1, 2]))
      expect(await breaker(box)).toMatchObject({ state: 'closed', ramp: null })
    })

    test('CB-7 a clock that was set back shuts nobody out for longer than 30 minutes', async () => {
      const box = await OutboxScene.open(open)
      await openIt(box, NOON + 600 * MINUTE_MS)
      expect(await look(box, NOON)).toEqual({ state: 'open', until: NOON + OPEN_MS })
      expect(await look(box, NOON + OPEN_MS)).toEqual({ state: 'half-open' })
    })

    test('CB-7 who has lost the address opens nothing', async () => {
      const box = await OutboxScene.open(open)
      await openIt(box)
      const lost = { ...(await box.address()), fence: 99 }
      expect(await lookAtBreaker(box.db, lost, async () => NOON + OPEN_MS)).toBeUndefined()
      expect(await breaker(box)).toMatchObject({ state: 'open' })
    })

    test('CB-7 an operator may resume it; a closed one has nothing to resume', async () => {
      const box = await OutboxScene.open(open)
      expect(await resumeAddress(box.db, box.workspaceId)).toBe(false)
      await openIt(box)
      expect(await resumeAddress(box.db, box.workspaceId)).toBe(true)
      expect(await breaker(box)).toMatchObject({ state: 'closed', ramp: { inFlightMax: 1 } })
    })

    test('CB-7 another address begins with a closed breaker, the same one does not', async () => {
      const box = await OutboxScene.open(open)
      await openIt(box)
      const set = (url: string) =>
        setCallbackUrl(box.db, keyring, box.scene.random, box.workspaceId, url, NOON)
      await set('https://shop.example/hooks?key=1')
      expect(await breaker(box)).toMatchObject({ state: 'open' })
      await set('https://shop.example/elsewhere')
      expect(await breaker(box)).toEqual({ state: 'closed', exhaustions: [], ramp: null })
    })
  })
}
