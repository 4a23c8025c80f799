import { createHash } from 'node:crypto'
import type { Queryable } from '../database/database.ts'
import { asCopied, type OnProgress, type Row, readEverything } from './copy-rows.ts'
import { COPIED } from './copy-tables.ts'

/** A table of one side: the hash is the same for the same rows, in whatever order they stand. */
export interface TableProof {
  readonly table: string
  readonly rows: number
  /** 64 hex digits. */
  readonly hash: string
}

/** A table of both sides. */
export interface TableComparison {
  readonly table: string
  readonly from: Omit<TableProof, 'table'>
  readonly to: Omit<TableProof, 'table'>
  readonly equal: boolean
}

/** Reads both sides anew, each by itself, and sets what should stand in the copy against what does. */
export async function compareStores(
  from: Queryable,
  to: Queryable,
  onProgress: OnProgress,
): Promise<TableComparison[]> {
  const wanted = await proveStore(from, 'to-be-copied', onProgress)
  const found = new Map((await proveStore(to, 'as-it-stands', onProgress)).map(proof => [proof.table, proof]))
  return wanted.map(({ table, ...from }) => {
    const { rows, hash } = found.get(table)!
    return { table, from, to: { rows, hash }, equal: from.rows === rows && from.hash === hash }
  })
}

/** What stands in each table that is copied: as it stands, or as its copy should. */
export async function proveStore(
  db: Queryable,
  how: 'as-it-stands' | 'to-be-copied',
  onProgress: OnProgress = () => {},
): Promise<TableProof[]> {
  const sums = new Map<string, { rows: number; sum: bigint }>(
    COPIED.map(({ table }) => [table, { rows: 0, sum: 0n }]),
  )
  for await (const piece of readEverything(db, onProgress)) {
    const of = sums.get(piece.table)!
    of.rows += piece.rows.length
    const rows = how === 'to-be-copied' ? asCopied(piece) : piece.rows
    for (const row of rows) of.sum = (of.sum + hashOf(row)) % HASHES
  }
  return [...sums].map(([table, { rows, sum }]) => ({
    table,
    rows,
    hash: sum.toString(16).padStart(64, '0'),
  }))
}

/** The rows' hashes are added up: any order gives the same sum, and two of the same row do not cancel each other out. */
const HASHES = 2n ** 256n

const hashOf = (row: Row): bigint =>
  BigInt(`0x${createHash('sha256').update(canonicalText(row)).digest('hex')}`)

// Columns by name: a migrated store has them in another order than a new one of tomorrow may.
const canonicalText = (row: Row): string =>
  JSON.stringify(
    Object.keys(row)
      .sort()
      .map(column => [column, canonicalValue(row[column])]),
  )

const canonicalValue = (value: unknown): unknown =>
  value instanceof Uint8Array ? { bytes: Buffer.from(value).toString('base64') } : value
