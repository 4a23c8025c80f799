import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type FreshDatabase, openFreshDatabase } from '@qunhub/testing/postgres/fresh-database.ts'
import pg from 'pg'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { openStore, type Store } from '../database/open-store.ts'

let database: FreshDatabase
let store: Store
let dataDir: string

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'qunhub-schema-'))
  database = await openFreshDatabase(inject('postgresUrl'), inject('postgresTemplate'))
  store = await openStore({ dataDir, databaseUrl: database.url })
})
afterAll(async () => {
  await store.close()
  await database.drop()
  await rm(dataDir, { recursive: true })
})

const ask = <Row>(sql: string): Promise<Row[]> => store.db.all<Row>({ sql, parameters: [] })

const primaryKeys = () =>
  ask<{ table: string; key: string }>(`
    select class.relname as "table", string_agg(attribute.attname, ', ' order by positions.n) as key
    from pg_index
    join pg_class as class on class.oid = indrelid
    join pg_namespace on pg_namespace.oid = class.relnamespace and nspname = 'public'
    cross join unnest(indkey) with ordinality as positions (attnum, n)
    join pg_attribute as attribute on attribute.attrelid = indrelid and attribute.attnum = positions.attnum
    where indisprimary group by class.relname order by class.relname`)

test('ST-79 every primary key begins with workspace_id, but of the tables that belong to no workspace', async () => {
  const others = (await primaryKeys()).filter(({ key }) => !key.startsWith('workspace_id'))
  expect(others.map(({ table }) => table)).toEqual([
    ...['audit_entry', 'installation', 'node', 'person', 'person_session'],
    ...['schema_version', 'setup_code', 'workspace'],
  ])
})

/** How PostgreSQL asks for the row that is referred to. */
const CHECKS = `
  select conrelid::regclass || ' → ' || confrelid::regclass as reference, index.relname as key,
    'select 1 from only ' || confrelid::regclass || ' x where ' ||
      string_agg(attname || ' = $' || n, ' and ' order by n) || ' for key share of x' as sql
  from pg_constraint
  join pg_class as index on index.oid = conindid
  cross join unnest(confkey) with ordinality as columns (attnum, n)
  join pg_attribute on attrelid = confrelid and pg_attribute.attnum = columns.attnum
  where contype = 'f' group by pg_constraint.oid, index.relname`

test('ST-148 a reference is checked by the key of what it refers to, also by a plan that was made while the tables were empty', async () => {
  const checks = await ask<{ reference: string; key: string; sql: string }>(CHECKS)
  expect(checks.length).toBeGreaterThan(15)
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  const otherwise: string[] = []
  await client.query('set plan_cache_mode = force_generic_plan')
  for (const [n, { reference, key, sql }] of checks.entries()) {
    await client.query(`prepare check_${n} as ${sql}`)
    const given = sql.includes('$2') ? `('', '')` : `('')`
    const { rows } = await client.query(`explain execute check_${n} ${given}`)
    const plan = rows.map(row => row['QUERY PLAN']).join('\n')
    if (!plan.includes(`using ${key} `)) otherwise.push(`${reference}: ${plan}`)
  }
  await client.end()
  expect(otherwise).toEqual([])
})

test('ST-149 what is written by the thousand is not checked against what it belongs to, and all else is', async () => {
  const checked = await ask<{ table: string }>(`
    select distinct conrelid::regclass::text as "table" from pg_constraint where contype = 'f'`)
  const unchecked = ['attempt', 'callback', 'callback_body', 'chat_member', 'contact']
  const alone = [
    'audit_entry',
    'installation',
    'node',
    'person',
    'schema_version',
    'token_permits',
    'workspace',
  ]
  const all = (await primaryKeys()).map(({ table }) => table)
  const others = all.filter(table => !checked.some(each => each.table === table))
  expect(others).toEqual([...unchecked, ...alone].toSorted())
})

test('ST-81 text is compared byte by byte, whatever the collation of the database', async () => {
  const columns = await ask<{ column: string; collation: string }>(`
    select class.relname || '.' || attname as column, collname as collation
    from pg_attribute
    join pg_class as class on class.oid = attrelid and relkind = 'r'
    join pg_namespace on pg_namespace.oid = relnamespace and nspname = 'public'
    join pg_collation on pg_collation.oid = attcollation
    where attnum > 0 and class.relname <> 'schema_version'`)
  expect(columns.length).toBeGreaterThan(50)
  expect(columns.filter(({ collation }) => collation !== 'C')).toEqual([])
})

test.each(['一个 PostgreSQL 不够时', 'When one PostgreSQL is not enough'])(
  'DOC-3 docs/operate.md shows the key of every table (%s)',
  async section => {
    const page = readFileSync(resolve(import.meta.dirname, '../../../../../docs/operate.md'), 'utf8')
    const rows = page
      .split(`\n## ${section}\n`)[1]!
      .split('\n## ')[0]!
      .split('\n')
      .flatMap(line => [...line.matchAll(/^\| `([a-z_]+)` \| `([a-z_, ]+)` \|/g)])
      .map(([, table, key]) => ({ table, key }))
      .sort((one, other) => (one.table! < other.table! ? -1 : 1))
    expect(rows).toEqual(await primaryKeys())
  },
)
