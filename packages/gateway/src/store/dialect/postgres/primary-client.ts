/**
 * Connections to the one of several servers that takes writes. Which it is is found out by asking all of them at once, and believed
 * until a connection to it breaks or it says that it is a standby; before a connection that is made later than BELIEVED_MS it is asked
 * anew. Where two say that they take writes the younger timeline is the primary: the other one was cut off when it was replaced, and
 * whoever is still connected to it is cut off here as well. An older one is not believed either when the younger has just missed a look.
 */
import pg from 'pg'
import { inFullForDriver, urlsOfServers } from '../../../model/database-url.ts'
import { SECOND_MS } from '../../../system/clock.ts'

/** With the connection that follows it stays below what a connection may take. */
const LOOK_MAX_MS = 700
const BELIEVED_MS = 5 * SECOND_MS
/** For so long after a timeline was seen no older one is believed; longer, and the cluster has been set up anew. */
const OLDER_REFUSED_MS = 60 * SECOND_MS

/** Empty where it takes no writes. Timelines are as many hexadecimal digits long, so that they sort as texts. */
export const TIMELINE = `select case when pg_is_in_recovery() or current_setting('transaction_read_only') = 'on' then ''
  else substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) end as timeline`

/** What a pool or a single connection is made with: of one server the driver as it is. */
export function clientOf(databaseUrl: string): {
  readonly Client: typeof pg.Client
  readonly connectionString: string
} {
  const url = inFullForDriver(databaseUrl)
  const [first, ...others] = urlsOfServers(url)
  if (others.length === 0) return { Client: pg.Client, connectionString: url }
  const servers = serversOf(url)
  return {
    connectionString: first!,
    Client: class extends pg.Client {
      override connect(): Promise<pg.Client>
      override connect(connected: (failure: Error) => void): void
      override connect(connected?: (failure: Error) => void): Promise<pg.Client> | undefined {
        const reached = servers.lead(this, () => super.connect()).then(() => this as pg.Client)
        if (!connected) return reached
        // Without a failure it is called with nothing, which its type does not say.
        reached.then(() => (connected as () => void)(), connected)
        return undefined
      }
    },
  }
}

/** Which server it is holds for every connection of this process. */
const known = new Map<string, Servers>()

function serversOf(url: string): Servers {
  const found = known.get(url) ?? new Servers(urlsOfServers(url))
  known.set(url, found)
  return found
}

class Servers {
  readonly #urls: readonly string[]
  readonly #led = new Map<pg.Client, string>()
  #primary: { readonly url: string; readonly since: number } | null = null
  #looking: Promise<string> | null = null
  #seen = { timeline: '', at: Number.NEGATIVE_INFINITY }

  constructor(urls: readonly string[]) {
    this.#urls = urls
  }

  /** Points a client that has not connected yet at the primary, and connects it. */
  async lead(client: pg.Client, connect: () => Promise<unknown>): Promise<void> {
    const url = await this.#find()
    const { host, port } = new pg.Client({ connectionString: url })
    Object.assign(client, { host, port })
    const forget = () => {
      if (this.#primary?.url === url) this.#primary = null
    }
    client.connection.on('parameterStatus', ({ parameterName, parameterValue }) => {
      if (parameterName !== 'in_hot_standby' || parameterValue !== 'on') return
      forget()
      client.connection.stream.destroy(new Error('the server is a standby'))
    })
    client.on('error', forget)
    client.once('end', () => this.#led.delete(client))
    this.#led.set(client, url)
    try {
      await connect()
    } catch (failure) {
      this.#led.delete(client)
      forget()
      throw failure
    }
  }

  #isOutdated(timeline: string, now: number): boolean {
    return timeline < this.#seen.timeline && now - this.#seen.at < OLDER_REFUSED_MS
  }

  #find(): Promise<string> {
    if (this.#primary && performance.now() - this.#primary.since < BELIEVED_MS)
      return Promise.resolve(this.#primary.url)
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null
    })
    return this.#looking
  }

  async #look(): Promise<string> {
    const since = performance.now()
    const found = await Promise.all(this.#urls.map(lookAt))
    const [youngest] = found
      .filter(({ timeline }) => timeline !== '' && !this.#isOutdated(timeline, since))
      .toSorted((a, b) => (a.timeline < b.timeline ? 1 : -1))
    if (!youngest) {
      // A wrong password is told as it is; where somebody answers, the others are away.
      const failures = found.flatMap(({ failure }) => failure ?? [])
      throw failures.length === found.length ? failures[0]! : new Error('none of the servers takes writes')
    }
    this.#primary = { url: youngest.url, since }
    this.#seen = { timeline: youngest.timeline, at: since }
    for (const [client, url] of this.#led)
      if (url !== youngest.url)
        client.connection.stream.destroy(new Error('another server is the primary now'))
    return youngest.url
  }
}

interface Look {
  readonly url: string
  /** Empty where it takes no writes, or did not answer. */
  readonly timeline: string
  readonly failure?: unknown
}

async function lookAt(url: string): Promise<Look> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'qunhub',
    connectionTimeoutMillis: LOOK_MAX_MS,
    query_timeout: LOOK_MAX_MS,
  })
  // What was asked of it hears of the loss.
  client.on('error', () => {})
  const giveUp = setTimeout(() => client.connection.stream.destroy(), LOOK_MAX_MS)
  try {
    await client.connect()
    const { rows } = await client.query<{ timeline: string }>(TIMELINE)
    return { url, timeline: rows[0]!.timeline }
  } catch (failure) {
    return { url, timeline: '', failure }
  } finally {
    clearTimeout(giveUp)
    // Nobody waits for it, and what was asked is answered.
    client.end().catch(() => {})
  }
}
