/**
 * Databases with the newest schema and no rows, lent to one test after another. A new one costs 90 ms of work, because
 * making it and dropping it wait for a checkpoint of the whole server, and every connection costs 20 ms: so a database
 * is emptied over one that stays.
 *
 * What comes back with other tables, columns, rights or steps of the schema than it was lent with is dropped. `truncate` takes
 * along what PostgreSQL knew of the sizes of its tables; what an `analyze` found stays, so tests of plans make their own.
 */
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'
import { dropDatabase, makeDatabase } from './fresh-database.ts'

export interface LentDatabase {
  readonly url: string
  /** For the same borrower once more; false where it is not as it was made any more, and no good to anybody else. */
  empty(): Promise<boolean>
  /** Cuts off whoever is still connected. */
  giveBack(): Promise<void>
}

/** A database with the connection that empties it. */
interface Owned {
  readonly url: string
  readonly client: pg.Client
  readonly shape: string
}

/** Those that nobody has at the moment: of this worker, through all its files. */
const atHand: Owned[] = []

export async function lendDatabase(): Promise<LentDatabase> {
  const owned = atHand.pop() ?? (await makeOne())
  return {
    url: owned.url,
    empty: () => empty(owned),
    async giveBack() {
      await owned.client.query(CUT_OFF_OTHERS)
      if (await empty(owned)) {
        atHand.push(owned)
        return
      }
      await owned.client.end()
      await dropDatabase(inject('postgresUrl'), nameIn(owned.url))
    },
  }
}

/** Drops all that were made of the template, when no test runs any more. */
export async function dropLentDatabases(serverUrl: string, template: string): Promise<void> {
  const client = await connect(serverUrl)
  const made = 'select datname from pg_database where starts_with(datname, $1)'
  const { rows } = await client.query<{ datname: string }>(made, [`${template}_`])
  await client.end()
  for (const { datname } of rows) await dropDatabase(serverUrl, datname)
}

async function makeOne(): Promise<Owned> {
  const template = inject('postgresTemplate')
  const name = `${template}_${randomBytes(8).toString('hex')}`
  const url = await makeDatabase(inject('postgresUrl'), name, template)
  const client = await connect(url)
  // The server may end first.
  client.on('error', () => {})
  return { url, client, shape: await shapeOf(client) }
}

async function empty({ client, shape }: Owned): Promise<boolean> {
  if ((await shapeOf(client)) !== shape) return false
  await client.query(EMPTY)
  return true
}

async function shapeOf(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ shape: string }>(SHAPE)
  return rows[0]!.shape
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  return client
}

const nameIn = (url: string): string => new URL(url).pathname.slice(1)

const CUT_OFF_OTHERS = `select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid()`

const EMPTY = `do $$
  declare
    each name;
    has_rows boolean;
    filled text[] := '{}';
  begin
    for each in select tablename from pg_tables where schemaname = 'public' and tablename <> 'schema_version' loop
      execute format('select exists (select from %I)', each) into has_rows;
      if has_rows then filled := filled || quote_ident(each); end if;
    end loop;
    if filled <> '{}' then execute 'truncate ' || array_to_string(filled, ', ') || ' cascade'; end if;
    for each in select sequencename from pg_sequences where schemaname = 'public' and last_value is not null loop
      execute format('alter sequence %I restart', each);
    end loop;
  end $$`

const SHAPE = `select md5(concat_ws(';',
  (select string_agg(concat(relname, relkind, relnatts, relchecks, relhastriggers, relacl, reloptions), ',' order by relname)
    from pg_class where relnamespace = 'public'::regnamespace),
  (select string_agg(concat(attrelid, attnum, attname, atttypid, attnotnull), ',' order by attrelid, attnum)
    from pg_attribute join pg_class on attrelid = pg_class.oid where relnamespace = 'public'::regnamespace),
  (select string_agg(conname, ',' order by conname) from pg_constraint where connamespace = 'public'::regnamespace),
  (select string_agg(proname, ',' order by proname) from pg_proc where pronamespace = 'public'::regnamespace),
  (select concat(datacl) from pg_database where datname = current_database()),
  (select count(*) from pg_db_role_setting join pg_database d on d.oid = setdatabase where datname = current_database()),
  (select string_agg(concat(version, name), ',' order by version) from schema_version))) as shape`
