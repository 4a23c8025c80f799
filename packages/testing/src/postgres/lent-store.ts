import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore, type Store } from '../../../gateway/src/store/database/open-store.ts'
import { eventually } from '../eventually.ts'
import { type LentDatabase, lendDatabase } from './lent-database.ts'

export interface LentStore {
  readonly store: Store
  /** To be called when nothing asks of it any more. */
  giveBack(): Promise<void>
}

interface Owned extends Store {
  readonly database: LentDatabase
  readonly dataDir: string
  readonly isClosed: boolean
}

const atHand: Owned[] = []

/**
 * A store on PostgreSQL with no rows in it. Its connections stay, and what is prepared on them, from one test to the next:
 * ten of them are what most tests of the store would cost. Whoever closes it has closed it; the next one has another.
 */
export async function lendStore(): Promise<LentStore> {
  const owned = atHand.pop() ?? (await openOne())
  return {
    store: owned,
    async giveBack() {
      if (!owned.isClosed) {
        await eventually('whatever is still asked of the store to be answered', () => isIdle(owned))
        if (await owned.database.empty()) {
          atHand.push(owned)
          return
        }
        await owned.close()
      }
      await owned.database.giveBack()
      await rm(owned.dataDir, { recursive: true, force: true })
    },
  }
}

const isIdle = ({ db }: Store): boolean => {
  const { connections, idle, waiting } = db.load()
  return connections === idle && waiting === 0
}

async function openOne(): Promise<Owned> {
  const dataDir = await mkdtemp(join(tmpdir(), 'qunhub-store-'))
  const database = await lendDatabase()
  const store = await openStore({ dataDir, databaseUrl: database.url })
  let isClosed = false
  return {
    ...store,
    database,
    dataDir,
    get isClosed() {
      return isClosed
    },
    close() {
      isClosed = true
      return store.close()
    },
  }
}
