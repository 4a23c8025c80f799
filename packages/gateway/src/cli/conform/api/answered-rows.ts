interface ListReply {
  readonly data: readonly Row[]
  readonly page?: { readonly current: number; readonly total: number }
}

/** A row of any list, as far as checks look into it. */
export interface Row {
  readonly chatId: string
  readonly wxid: string
  readonly memberCount?: number
  readonly members?: readonly { readonly wxid: string }[]
  readonly labels?: readonly { readonly id: string }[]
}

export const rowsOf = (json: unknown): readonly Row[] => (json as ListReply).data
/** -1 where the reply tells none. */
export const totalOf = (json: unknown): number => (json as ListReply).page?.total ?? -1
