import { describeWith } from '@qunhub/testing/debian/describe-with.ts'
import { openArchivedPostgres } from '@qunhub/testing/debian/open-archived-postgres.ts'
import { eventually } from '@qunhub/testing/eventually.ts'
import { openProvingGround } from '@qunhub/testing/grounds/open-proving-ground.ts'
import type { Heard } from '@qunhub/testing/receivers/customer.ts'
import { listByMHTag } from '@qunhub/wire'
import { Webhook } from 'standardwebhooks'
import { expect, onTestFinished, test } from 'vitest'
import { Keyring } from '../../packages/gateway/src/model/keyring.ts'
import { openSecrets } from '../../packages/gateway/src/store/outbox/receiver-secrets.ts'

/** The key of node processes. */
const MASTER_KEY = Buffer.from('5'.repeat(64), 'hex')

const idOf = ({ headers }: Heard): string => String(headers['webhook-id'])
const roomOf = ({ json }: Heard): string => (json as { wxid: string }).wxid

describeWith({ 'postgresql-15': 'pg_basebackup' }, 'a PostgreSQL that is restored to a moment', () => {
  test('CLI-132 pg_basebackup and the archived log bring back a moment elsewhere: chatIds, tokens and secrets are the same, what was owed then is told under its webhook-id, and no webhook-id is used twice', {
    timeout: 300_000,
  }, async () => {
    const server = await openArchivedPostgres()
    onTestFinished(() => server.close())
    const ground = await openProvingGround(server.url)
    onTestFinished(() => ground.close())
    const { world, bot, coworker, customer, tokens } = ground
    const enter = () => world.addRoom({ ownerId: coworker.wxid, members: [bot.wxid], external: true }).wxid
    const list = async (baseUrl: string) => {
      const answer = await fetch(`${baseUrl}/room/listByMHTag?token=${tokens[0]}&pageSize=100`)
      const { data } = listByMHTag.reply.parse(await answer.json())
      return new Map<string, string>(data.map(({ wxid, chatId }) => [wxid, chatId]))
    }
    const hears = (room: string, from = 0) =>
      eventually(`${room} to be told of`, () =>
        customer.heard.slice(from).find(heard => roomOf(heard) === room),
      )

    const lost = await ground.addNode('lost')
    await lost.start()
    await ground.started()
    const told = enter()
    await hears(told)
    await server.backUp()

    // After the backup, and before the moment: one is told, one is owed.
    const toldLater = enter()
    const toldId = idOf(await hears(toldLater))
    customer.answerWith(() => 503)
    const owed = enter()
    const owedId = idOf(await hears(owed))
    const then = await list(lost.baseUrl)
    const sealed = await ground.db.first<{ secret: Uint8Array }>({
      sql: 'select secrets_sealed as secret from callback_address',
      parameters: [],
    })
    const { secret } = openSecrets(new Keyring(MASTER_KEY), sealed!.secret).signing[0]!
    await server.mark('then')

    // After the moment: whatever happens is not in what is restored.
    customer.answerWith([])
    const forgotten = enter()
    const forgottenId = idOf(await hears(forgotten))
    await lost.kill9()
    await server.lose()
    const heardBefore = customer.heard.length

    const url = await server.restore('then')
    const restored = await ground.addNode('restored', { DATABASE_URL: url })
    await restored.start()
    const again = await hears(owed, heardBefore)
    expect(idOf(again)).toBe(owedId)
    new Webhook(secret).verify(again.body.toString(), again.headers as Record<string, string>)

    const found = await hears(forgotten, heardBefore)
    expect(idOf(found)).not.toBe(forgottenId)
    const now = await eventually('the room that was forgotten to be listed', async () => {
      const rooms = await list(restored.baseUrl)
      return rooms.has(forgotten) ? rooms : undefined
    })
    expect([...then].filter(([wxid, chatId]) => now.get(wxid) !== chatId)).toEqual([])

    const next = enter()
    await hears(next)
    const before = new Set(customer.heard.slice(0, heardBefore).map(idOf))
    const reused = customer.heard.slice(heardBefore).filter(heard => before.has(idOf(heard)))
    expect(new Set(reused.map(roomOf))).toEqual(new Set([owed]))
    expect(before.has(toldId)).toBe(true)
  })
})
