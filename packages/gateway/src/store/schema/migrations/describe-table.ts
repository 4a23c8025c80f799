/**
 * A table is described once: each dialect's DDL is made from the description, and so are the types of its rows
 * (`tables.ts`). Where the dialects differ the description says so, with a text for each.
 *
 * Text is compared byte by byte on both (`collate "C"`), and no upgrade of a system's collations damages an index.
 */
import type { Generated } from 'kysely'

export type Dialect = 'sqlite' | 'postgres'

/** 0 and 1 in every dialect, so that a row reads the same everywhere. */
export type Flag = 0 | 1

export interface Column<T> {
  readonly type: Readonly<Record<Dialect, string>>
  readonly optional: boolean
  readonly default?: string
  /** Known to the compiler only. */
  readonly holds?: T
}

type Columns = Readonly<Record<string, Column<unknown>>>

export interface Table<C extends Columns = Columns> {
  readonly name: string
  readonly columns: C
  readonly shape: Shape<string>
}

interface Shape<Name extends string> {
  /** The primary key. */
  readonly key: readonly Name[]
  /** Other tables' primary keys, by the columns that hold them. */
  readonly references?: readonly Reference<Name>[]
  readonly check?: string
  readonly indexes?: readonly Index[]
  /** SQLite keeps rows in the B-tree of their key, unless they are too big for it. */
  readonly rowid?: true
  /** One dialect only; the other one has no use for it. */
  readonly only?: Dialect
  /** PostgreSQL writes it to no log: a crash of the database empties it. */
  readonly unlogged?: true
  /** Sequences that PostgreSQL counts with. */
  readonly sequences?: readonly string[]
}

interface Reference<Name extends string> {
  readonly to: { readonly name: string; readonly shape: { readonly key: readonly string[] } }
  readonly columns: readonly Name[]
}

interface Index {
  readonly name: string
  readonly unique: boolean
  /** What follows on `on <table>`: columns and, of a part of the rows, which ones. */
  readonly of: string | Readonly<Record<Dialect, string>>
}

/** A row of the table, as Kysely wants its columns. */
export type RowOf<T> =
  T extends Table<infer C>
    ? { -readonly [Name in keyof C]: C[Name] extends Column<infer Value> ? Value : never }
    : never

export const text = <T extends string = string>(): Column<T> => column('text', 'text collate "C"')
export const bytes = (): Column<Uint8Array> => column('blob', 'bytea')
/** At most 2³¹. */
export const small = <T extends number = number>(): Column<T> => column('integer', 'integer')
/** Times in milliseconds, and whatever is counted for ever. */
export const big = (): Column<number> => column('integer', 'bigint')
export const flag = (): Column<Flag> => small<Flag>()
export const orNull = <T>(one: Column<T>): Column<T | null> => ({
  ...(one as Column<T | null>),
  optional: true,
})
export const byDefault = <T extends string | number>(one: Column<T>, value: T): Column<Generated<T>> => ({
  type: one.type,
  optional: one.optional,
  default: typeof value === 'string' ? `'${value}'` : String(value),
})
/** Where the dialects have different words for what is kept. */
export const column = <T>(sqlite: string, postgres: string): Column<T> => ({
  type: { sqlite, postgres },
  optional: false,
})

export const index = (name: string, of: Index['of']): Index => ({ name, unique: false, of })
export const unique = (name: string, of: Index['of']): Index => ({ name, unique: true, of })

export const table = <C extends Columns>(
  name: string,
  columns: C,
  shape: Shape<keyof C & string>,
): Table<C> => ({ name, columns, shape })

/** The statements that make the table, its sequences and its indexes. */
export function ddlOf({ name, columns, shape }: Table, dialect: Dialect): string[] {
  const { key, references = [], check, indexes = [], rowid, only = dialect, unlogged, sequences = [] } = shape
  if (only !== dialect) return []
  const lines = [
    ...Object.entries(columns).map(([column, { type, optional, default: value }]) =>
      [column, type[dialect], optional ? '' : 'not null', value === undefined ? '' : `default ${value}`]
        .filter(Boolean)
        .join(' '),
    ),
    `primary key (${key.join(', ')})`,
    ...references.map(
      ({ to, columns }) =>
        `foreign key (${columns.join(', ')}) references ${to.name} (${to.shape.key.join(', ')})`,
    ),
    ...(check ? [`check (${check})`] : []),
  ]
  const [before, after] =
    dialect === 'sqlite'
      ? ['', ` strict${rowid ? '' : ', without rowid'}`]
      : [unlogged ? 'unlogged ' : '', '']
  return [
    `create ${before}table ${name} (\n  ${lines.join(',\n  ')}\n)${after}`,
    ...(dialect === 'postgres' ? sequences.map(sequence => `create sequence ${sequence}`) : []),
    ...indexes.map(
      ({ name: index, unique, of }) =>
        `create ${unique ? 'unique ' : ''}index ${index} on ${name} ${typeof of === 'string' ? of : of[dialect]}`,
    ),
  ]
}
