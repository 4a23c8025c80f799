import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describeWith } from '@qunhub/testing/debian/describe-with.ts'
import { openPgBouncer } from '@qunhub/testing/debian/open-pgbouncer.ts'
import { eventually } from '@qunhub/testing/eventually.ts'
import { openProvingGround } from '@qunhub/testing/grounds/open-proving-ground.ts'
import { openFreshDatabase } from '@qunhub/testing/postgres/fresh-database.ts'
import { runCliHere } from '@qunhub/testing/processes/run-cli-here.ts'
import { judgeCallbacks } from '@qunhub/testing/trials/judge-callbacks.ts'
import { expect, inject, onTestFinished, test } from 'vitest'

const ROOMS = 60
const ROOM_EVERY_MS = 30

describeWith({ pgbouncer: 'pgbouncer' }, 'PgBouncer', () => {
  const lend = async (template = true) => {
    const database = await openFreshDatabase(
      inject('postgresUrl'),
      template ? inject('postgresTemplate') : undefined,
    )
    onTestFinished(() => database.drop())
    return database.url
  }

  test('CLI-57 two nodes work through it in session mode under load: a node is killed, its bot moves on, and nothing is lost', async () => {
    const bouncer = await openPgBouncer(await lend(), 'session')
    onTestFinished(() => bouncer.close())
    const ground = await openProvingGround(bouncer.url, 2)
    onTestFinished(() => ground.close())
    const { world, bot, coworker, customer, firstRoom } = ground
    const nodes = [await ground.addNode('a'), await ground.addNode('b')] as const
    await nodes[0].start()
    await ground.started()
    await nodes[1].start()
    const lists: number[] = []
    for (let n = 0; n < ROOMS; n++) {
      world.addRoom({ ownerId: coworker.wxid, members: [bot.wxid], external: true })
      lists.push((await fetch(`${nodes[1].baseUrl}/room/listByMHTag?token=${ground.tokens[n % 2]}`)).status)
      if (n === ROOMS / 2) await nodes[0].kill9()
      await pause(ROOM_EVERY_MS)
    }
    const judge = () => judgeCallbacks(customer.heard, world, new Set([bot.wxid]), new Set([firstRoom.wxid]))
    await eventually('every room is told of', () => judge().told === ROOMS)
    expect(judge()).toMatchObject({ lost: [], invented: [], owedTwice: [], outOfOrder: [] })
    expect(new Set(lists)).toEqual(new Set([200]))
    expect(nodes[1].log.filter(({ level }) => level === 'error')).toEqual([])
  })

  test.each(['transaction', 'statement'] as const)(
    'CLI-57 in %s mode it is refused in words before anything is made',
    async mode => {
      const url = await lend(false)
      const bouncer = await openPgBouncer(url, mode)
      onTestFinished(() => bouncer.close())
      const dataDir = await mkdtemp(join(tmpdir(), 'qunhub-pooled-'))
      onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
      for (const command of ['migrate', 'workspace add 甲', 'serve']) {
        const settings = { DATABASE_URL: bouncer.url, QUNHUB_DATA_DIR: dataDir, PORT: '0' }
        const { exitCode, stderr } = await runCliHere(command, settings)
        expect({ exitCode, stderr }).toEqual({
          exitCode: 1,
          stderr: expect.stringMatching(/不是会话模式.*pool_mode = session.*not in session mode/),
        })
      }
      const direct = await runCliHere('workspace list', { DATABASE_URL: url, QUNHUB_DATA_DIR: dataDir })
      expect(direct.exitCode).toBe(1)
    },
  )
})
