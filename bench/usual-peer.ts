/**
 * The peer of P4: `listByMember` the usual way, Fastify and TypeORM on PostgreSQL. Entities, relations, a repository; an index where a
 * developer would put one; the token is looked up for each request, and nothing is kept in memory.
 */
import Fastify from 'fastify'
import pg from 'pg'
import { loadPeer } from './outbox-peer.ts'
import { reportCpu } from './report-cpu.ts'

/** What is used of it. */
interface TypeOrm {
  readonly EntitySchema: new (options: object) => object
  readonly In: (values: readonly unknown[]) => object
  readonly DataSource: new (
    options: object,
  ) => {
    initialize(): Promise<unknown>
    getRepository(name: string): Repository
  }
}
interface Repository {
  findOneBy(where: object): Promise<Record<string, never> | null>
  find(options: object): Promise<Room[]>
}
interface Room {
  readonly chatId: string
  readonly members: readonly { roomAlias: string | null; contact: Record<string, unknown> }[]
  readonly [column: string]: unknown
}

const { databaseUrl, peers, rooms, members } = JSON.parse(process.argv[2]!) as {
  databaseUrl: string
  peers: string
  rooms: number
  members: number
}
const TOKEN = 'a-token-that-only-the-benchmark-has'
const WANTED = '7880000000000000'
/** As in list-product.ts. */
const BUSY = { rooms: 20, members: 50 }
const CONTACTS = 200_001

const { DataSource, EntitySchema, In } = loadPeer<TypeOrm>(peers, 'typeorm')
const text = { type: 'text' }
const nullableText = { type: 'text', nullable: true }
const number = { type: 'int' }
const flag = { type: 'boolean' }
const id = { type: 'text', primary: true }
const belongsTo = (target: string, column: string, inverseSide?: string) => ({
  ...{ type: 'many-to-one', target, joinColumn: { name: column } },
  ...(inverseSide && { inverseSide }),
})
const entities = [
  new EntitySchema({ name: 'ApiToken', columns: { token: id, workspaceId: text } }),
  new EntitySchema({ name: 'UsualBot', columns: { wxid: id, weixin: text, nickName: text } }),
  new EntitySchema({ name: 'UsualLabel', columns: { id, name: text } }),
  new EntitySchema({
    name: 'UsualContact',
    columns: {
      ...{ wxid: id, nickName: text, avatarUrl: text, corporation: nullableText },
      ...{ contactType: number, isFriend: flag, coworker: flag },
    },
  }),
  new EntitySchema({
    name: 'UsualRoom',
    columns: {
      ...{ chatId: id, workspaceId: text, wxid: text, topic: text, avatarUrl: text, ownerId: text },
      ...{ external: flag, createdAt: { type: 'int' } },
    },
    relations: {
      bot: belongsTo('UsualBot', 'botWxid'),
      labels: { type: 'many-to-many', target: 'UsualLabel', joinTable: { name: 'usual_room_label' } },
      members: { type: 'one-to-many', target: 'UsualMember', inverseSide: 'room' },
    },
  }),
  new EntitySchema({
    name: 'UsualMember',
    columns: { roomId: id, contactId: id, seat: number, roomAlias: nullableText },
    relations: {
      room: belongsTo('UsualRoom', 'roomId', 'members'),
      contact: belongsTo('UsualContact', 'contactId'),
    },
    indices: [{ name: 'member_contact', columns: ['contactId'] }],
  }),
]
const source = new DataSource({
  type: 'postgres',
  url: databaseUrl,
  entities,
  synchronize: true,
  poolSize: 10,
})
await source.initialize()
await fill()

const tokens = source.getRepository('ApiToken')
const roomsOf = source.getRepository('UsualRoom')
const app = Fastify()
app.get<{ Querystring: Record<string, string> }>('/room/listByMember', async request => {
  const { token, contactWxid } = request.query
  const found = await tokens.findOneBy({ token })
  if (!found) return { code: -1, message: '无效token', data: [] }
  const where = { workspaceId: found['workspaceId'], members: { contactId: contactWxid } }
  const known = await roomsOf.find({ select: { chatId: true }, where })
  const whole = await roomsOf.find({
    where: { chatId: In(known.map(({ chatId }) => chatId)) },
    relations: { bot: true, labels: true, members: { contact: true } },
    order: { createdAt: 'ASC', members: { seat: 'ASC' } },
  })
  return { code: 0, data: whole.map(toRow) }
})
const origin = await app.listen({ port: 0, host: '127.0.0.1' })
process.send?.({ origin, path: `/room/listByMember?token=${TOKEN}&contactWxid=${WANTED}` })
reportCpu()
process.once('SIGTERM', () => process.exit(0))

function toRow({ workspaceId: _, createdAt: __, members: people, ...room }: Room): object {
  const shown = people.map(({ contact: { corporation, ...contact }, roomAlias }) => ({
    ...contact,
    roomAlias,
    ...(corporation ? { corporation } : {}),
  }))
  return { ...room, members: shown, memberCount: shown.length }
}

async function fill(): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  const size = `case when n < ${BUSY.rooms} then ${Math.min(BUSY.members, members)} else ${members} end`
  const contact = `case when n < ${BUSY.rooms} and m = 1 then 0 else 1 + (n * 37 + m * 101) % 200000 end`
  const wxid = (of: string) => `'788' || lpad((${of})::text, 13, '0')`
  try {
    for (const statement of [
      `insert into api_token values ('${TOKEN}', 'w')`,
      `insert into usual_bot (wxid, weixin, "nickName") values ('1688850000000001', 'bench', '基准')`,
      `insert into usual_contact (wxid, "nickName", "avatarUrl", corporation, "contactType", "isFriend", coworker)
       select ${wxid('n')}, '群成员昵称' || n,
         'http://wx.qlogo.cn/mmhead/ver_1/3mtHGNE50ZpxZX3SMwqibluNAz5GgiaAVLyzyc3Ex0TThpfrVUibnKiagiciaP5jeO2f6wYAuia/' || n,
         null, 1, n % 2 = 0, false from generate_series(0, ${CONTACTS - 1}) n`,
      `insert into usual_room ("chatId", "workspaceId", wxid, topic, "avatarUrl", "ownerId", external, "createdAt", "botWxid")
       select lpad(to_hex(n), 24, '0'), 'w', 'R:' || (1000000 + n), '大街小巷程序员 ' || n || ' 群',
         'http://wx.qlogo.cn/mmcrhead/' || n || '/0', ${wxid('1 + n * 37 % 200000')}, true, n, '1688850000000001'
       from generate_series(0, ${rooms - 1}) n`,
      `insert into usual_member ("roomId", "contactId", seat)
       select lpad(to_hex(n), 24, '0'), ${wxid(contact)}, m
       from generate_series(0, ${rooms - 1}) n cross join lateral generate_series(0, (${size}) - 1) m
       on conflict do nothing`,
      'analyze',
    ])
      await client.query(statement)
  } finally {
    await client.end()
  }
}
