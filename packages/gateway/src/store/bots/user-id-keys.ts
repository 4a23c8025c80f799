/**
 * Finding a userId in any case of letters through an index. Both dialects fold ASCII letters alike, and others each in
 * its own way; so the key of a name with other letters is empty, and whoever finds rows by key compares the names
 * themselves by the one rule (`model/user-id.ts`). WeCom makes userIds of ASCII only: there are few to compare.
 */
import { userIdKey } from '../../model/user-id.ts'
import type { Dialect } from '../schema/migrations/describe-table.ts'

/** The keys of the rows that may hold this userId, for the index of {@link userIdKeyIn}. */
export const keysOfUserId = (userId: string): string[] => {
  const key = userIdKey(userId)
  const isAscii = Buffer.byteLength(key) === key.length
  return isAscii ? [key, OTHER_LETTERS] : [OTHER_LETTERS]
}

const OTHER_LETTERS = ''

/** The expression of the indexes, to the letter (`bot_goes_by`, `contact_user_id`). `name` is a column, or SQL for one. */
export const userIdKeyIn = (dialect: Dialect, name: string): string => {
  const [bytes, characters] =
    dialect === 'postgres'
      ? [`octet_length(${name})`, `char_length(${name})`]
      : [`length(cast(${name} as blob))`, `length(${name})`]
  return `case when ${bytes} = ${characters} then lower(${name}) when ${name} is not null then '' end`
}
