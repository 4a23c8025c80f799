import { randomBytes } from 'node:crypto'
import pg from 'pg'

/** An empty database of its own on a server. */
export interface FreshDatabase {
  readonly url: string
  /** Cuts off whoever is still connected. */
  drop(): Promise<void>
}

/** With a `template` it is a copy of that database, file by file: through the log it would take three times as long. */
export async function openFreshDatabase(serverUrl: string, template?: string): Promise<FreshDatabase> {
  const name = `qunhub_${randomBytes(8).toString('hex')}`
  return {
    url: await makeDatabase(serverUrl, name, template),
    drop: () => dropDatabase(serverUrl, name),
  }
}

/** Its URL. */
export async function makeDatabase(serverUrl: string, name: string, template?: string): Promise<string> {
  await command(
    serverUrl,
    `create database ${name} ${template ? `template ${template} strategy file_copy` : ''}`,
  )
  return Object.assign(new URL(serverUrl), { pathname: `/${name}` }).href
}

export const dropDatabase = (serverUrl: string, name: string): Promise<void> =>
  command(serverUrl, `drop database if exists ${name} with (force)`)

async function command(serverUrl: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
