import { eventually } from '@qunhub/testing/eventually.ts'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { listByMHTag, type WorkspaceId } from '@qunhub/wire'
import { fastify } from 'fastify'
import { onTestFinished, test } from 'vitest'
import { createListTurns, LIST_WAIT_MAX_MS } from '../../room/list-turns.ts'
import type { FoundCaller } from '../../store/workspaces/tokens.ts'
import { answerPage, type Listing } from './answer-lists.ts'

const workspaceId = 'a'.repeat(24) as WorkspaceId
const good = { tokenId: 'token', workspaceId, token: 'shown' } as FoundCaller & { token: string }

/** A list that waits at the door, because another one of the workspace has its turn and does not end it. */
async function openDoor() {
  const clock = new ManualClock()
  const listTurns = createListTurns({ clock, atOnce: 1 })
  const app = fastify()
  app.decorateRequest('facts')
  app.addHook('onRequest', async request => {
    request.facts = {}
  })
  let found: FoundCaller | undefined = good
  const deps = {
    ...{ clock, listTurns },
    callers: { find: async () => found },
    findToken: async () => good,
    tokenLimit: { take: () => ({ passed: true }) },
  } as Partial<Listing> as Listing
  const page = { total: 0, current: 1, size: 10 }
  answerPage(app, deps, listByMHTag, async () => ({ data: [], page }) as never)
  await app.ready()
  onTestFinished(() => app.close())
  const other = (await listTurns.enter(workspaceId))!
  const answer = app.inject({ path: '/room/listByMHTag?token=shown' }).then(answer => answer.json())
  await eventually('it waits', () => clock.nextIn() !== undefined)
  return {
    answer,
    revoke() {
      found = undefined
    },
    letIn(afterMs: number) {
      clock.advance(afterMs)
      other.leave()
    },
  }
}

test.for([
  ['LT-9 a token that was revoked while a list waited for its turn opens nothing after a second', 1001, -1],
  ['LT-9 nor just before the list would have waited for too long', LIST_WAIT_MAX_MS - 1, -1],
  ['LT-9 a list that did not wait for a second is answered as it came', 1000, 0],
] as const)('%s', async ([_, ms, code], { expect }) => {
  const { answer, revoke, letIn } = await openDoor()
  revoke()
  letIn(ms)
  expect(await answer).toMatchObject({ code })
})

test('LT-9 a token that still opens the workspace is answered, however long the list has waited', async ({
  expect,
}) => {
  const { answer, letIn } = await openDoor()
  letIn(LIST_WAIT_MAX_MS - 1)
  expect(await answer).toMatchObject({ code: 0, data: [] })
})
