import { sql } from 'kysely'
import type { Database, Queryable, Transaction } from '../database/database.ts'
import { locked } from '../database/lock-rows.ts'

/** A gateway process that works on the store, as its peers see it. */
export interface NodeRow {
  readonly id: string
  /** `host:port` of the door for its peers; null when it has none. */
  readonly address: string | null
  /** When it came, counted in beats of all nodes. */
  readonly entered: number
  /** Another number after each sign of life. */
  readonly beat: number
  /** Whether its process is connected to the database at this moment: see {@link Database.attend}. */
  readonly attending: boolean
}

/**
 * A node enters; from now on it may claim. Whoever is connected at this moment is seen alive: a peer that dies before its
 * next beat must not look as if it had been dead when this one came.
 */
export async function enterNode(db: Database, id: string, address: string | null): Promise<number> {
  return db.write(async tx => {
    const { beat } = (await tx.first(nextBeat(tx)))!
    await tx.run(
      tx.query.insertInto('node').values({ id, address, entered: beat, beat, counts_editions: 1 }).compile(),
    )
    await tx.run(tx.hot.seeAlive(id))
    return beat
  })
}

/** A sign of life, for a connection of its own. It changes no row when the node is not among the living any more. */
export const beatOf = (db: Queryable, id: string) =>
  db.query.updateTable('node').set({ beat: sql<number>`nextval('beat')` }).where('id', '=', id).compile()

/** The longest there first. */
export async function listNodes(db: Database): Promise<NodeRow[]> {
  return (await db.all(db.hot.nodes())).map(row => ({ ...row, attending: row.attending === 1 }))
}

/**
 * Declares a node dead, if its beat is still `beat`, and frees its bots and addresses. Whoever is about to claim something
 * in its name waits for this, and is refused then. True when it was this call that did it.
 */
export function reapNode(db: Database, id: string, beat: number): Promise<boolean> {
  return db.write(async tx => {
    const found = await tx.first(lockRow(tx, id))
    if (found?.beat !== beat) return false
    await removeNode(tx, id, beat)
    return true
  })
}

/** The node itself goes, and frees whatever it still holds. */
export function leaveNode(db: Database, id: string): Promise<void> {
  return db.write(async tx => {
    const found = await tx.first(lockRow(tx, id))
    if (!found) return
    const { beat } = (await tx.first(nextBeat(tx)))!
    await removeNode(tx, id, beat)
  })
}

/** For the only process on a store, before it enters: whoever was there is dead. */
export function removeEveryNode(db: Database): Promise<void> {
  return db.write(async tx => {
    await tx.run(tx.query.updateTable('bot').set({ node_id: null, free_since: 0 }).compile())
    await tx.run(tx.query.updateTable('callback_address').set({ node_id: null }).compile())
    await tx.run(tx.query.deleteFrom('node').compile())
  })
}

// Bots and addresses first, for their rows refer to the node's; all of it is one commit.
async function removeNode(tx: Transaction, id: string, freeSince: number): Promise<void> {
  await tx.run(
    tx.query
      .updateTable('bot')
      .set({ node_id: null, free_since: freeSince })
      .where('node_id', '=', id)
      .compile(),
  )
  await tx.run(
    tx.query.updateTable('callback_address').set({ node_id: null }).where('node_id', '=', id).compile(),
  )
  await tx.run(tx.query.deleteFrom('node').where('id', '=', id).compile())
}

/** Holds the node's row against claims in its name, where several write at once. */
function lockRow(tx: Transaction, id: string) {
  const row = tx.query.selectFrom('node').select('beat').where('id', '=', id)
  return locked(tx, row, 'references').compile()
}

/** One number for every beat of every node, ever growing. */
export const nextBeat = (tx: Transaction) =>
  tx.dialect === 'postgres'
    ? sql<{ beat: number }>`select nextval('beat') as beat`.compile(tx.query)
    : tx.query
        .selectFrom('node')
        .select(({ fn }) => sql<number>`coalesce(${fn.max('beat')}, 0) + 1`.as('beat'))
        .compile()
