import { openFreshDatabase } from '@qunhub/testing/postgres/fresh-database.ts'
import { openUnfitServer } from '@qunhub/testing/postgres/unfit-server.ts'
import pg from 'pg'
import { expect, inject, onTestFinished, test } from 'vitest'
import { StoreAway, StoreError } from '../database/store-error.ts'
import { ask, openConnections, openPatientConnection } from './postgres/connections.ts'

/** Does something to a server as its administrator. */
async function command(...statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: inject('postgresUrl') })
  await client.connect()
  for (const sql of statements) await client.query(sql)
  await client.end()
}

async function freshDatabase() {
  const { url, drop } = await openFreshDatabase(inject('postgresUrl'))
  onTestFinished(drop)
  return { url, name: new URL(url).pathname.slice(1) }
}

function openPool(url: string): pg.Pool {
  const pool = openConnections({ url, max: 2 }, { onLoss() {}, onTimeline() {} })
  onTestFinished(() => pool.end())
  return pool
}

const ANY = { sql: 'select 1', parameters: [] }

const ways: readonly (readonly [what: string, code: string, address: () => Promise<string>])[] = [
  [
    'the database takes no connections',
    '55000',
    async () => {
      const { url, name } = await freshDatabase()
      await command(`alter database ${name} with allow_connections false`)
      return url
    },
  ],
  [
    'the database has another name now',
    '3D000',
    async () => {
      const { url, name } = await freshDatabase()
      await command(`alter database ${name} rename to ${name}_now`)
      onTestFinished(() => command(`drop database ${name}_now`))
      return url
    },
  ],
  [
    'the user may not log in any more',
    '28000',
    async () => {
      const { url, name } = await freshDatabase()
      await command(`create role ${name} nologin`)
      onTestFinished(() => command(`drop role ${name}`))
      return Object.assign(new URL(url), { username: name }).href
    },
  ],
  [
    'the user may not connect to this database any more',
    '42501',
    async () => {
      const { url, name } = await freshDatabase()
      await command(`create role ${name} login`, `revoke connect on database ${name} from public`)
      onTestFinished(() => command(`drop role ${name}`))
      return Object.assign(new URL(url), { username: name }).href
    },
  ],
  [
    'the password is another one now',
    '28P01',
    async () => {
      const server = await openUnfitServer({ refuses: '28P01' })
      onTestFinished(() => server.close())
      return server.url
    },
  ],
]

test.each(ways)('ST-147 %s: it is away, as one that cannot be reached', async (_what, code, address) => {
  const url = await address()
  const away = { constructor: StoreAway, cause: { code } }
  const pool = openPool(url)
  await expect(ask(pool, ANY)).rejects.toMatchObject(away)
  await expect(openPatientConnection(url)).rejects.toMatchObject(away)
  // Of several servers likewise.
  const { host } = new URL(url)
  await expect(ask(openPool(url.replace(host, `${host},${host}`)), ANY)).rejects.toMatchObject(away)
})

test('ST-147 a statement that is refused with the same code is no sign of that', async () => {
  const { url } = await freshDatabase()
  const pool = openPool(url)
  await ask(pool, { sql: 'create sequence counted', parameters: [] })
  const refused = await ask(pool, { sql: `select currval('counted')`, parameters: [] }).catch(
    failure => failure,
  )
  expect(refused).toMatchObject({ constructor: StoreError, cause: { code: '55000' } })
})
