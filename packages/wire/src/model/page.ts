import { z } from 'zod'

export const PAGE_SIZE_DEFAULT = 20
export const PAGE_SIZE_MAX = 100
const PAGE_NUMBER_MAX = 2 ** 31 - 1
const PAGE_NUMBER = '0 或更大的整数 / a whole number from 0 on'
const PAGE_SIZE = `1 到 ${PAGE_SIZE_MAX} 的整数 / a whole number from 1 to ${PAGE_SIZE_MAX}`

/** `total` counts rows, not pages (LT-4). */
export const Page = z
  .object({ current: z.int(), total: z.int() })
  .meta({ id: 'Page', description: 'total 为总行数 / total counts rows' })
export type Page = z.infer<typeof Page>

// A query string has no numbers, only text; an empty one means that the default applies (G-7). Programs that want all of it ask for
// the largest number of theirs, so none is too large.
const digits = (expected: string) => z.string().regex(/^\d*$/, { error: expected }).nullish()

/** A page number that counts from `first`. Where it counts from 1, 0 is read as 1 (LT-3). */
export const pageNumber = (first: 0 | 1) =>
  digits(PAGE_NUMBER).transform(given =>
    given ? Math.min(Math.max(Number(given), first), PAGE_NUMBER_MAX) : first,
  )

/** 1…100, default 20; larger is read as 100 (LT-3). */
export const pageSize = digits(PAGE_SIZE)
  .transform(given => (given ? Math.min(Number(given), PAGE_SIZE_MAX) : PAGE_SIZE_DEFAULT))
  .refine(size => size >= 1, { error: PAGE_SIZE })
