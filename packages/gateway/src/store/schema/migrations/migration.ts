/** One step of the schema. A step that has been released is never edited; the next one corrects it. */
export interface Migration {
  /** 1, 2, 3 …, without gaps. */
  readonly version: number
  readonly name: string
  readonly sqlite: readonly string[]
  readonly postgres: readonly string[]
}
