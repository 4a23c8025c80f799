/** A list goes to whoever accepts gzip packed, to others as it is (LT-12). */
import type { IncomingMessage } from 'node:http'
import { acceptedEncodings } from '../accepted-encodings.ts'
import { answerHeaders } from '../server-answer.ts'
import { weakTag } from './entity-tag.ts'
import type { RowsAnswer } from './write-rows.ts'

/** A list without rows would only become longer. */
export function isPackedFor(
  { headers }: Pick<IncomingMessage, 'headers'>,
  { chats }: Pick<RowsAnswer, 'chats'>,
): boolean {
  const accepted = headers['accept-encoding']
  if (chats.length === 0 || typeof accepted !== 'string' || !/gzip/i.test(accepted)) return false
  return acceptedEncodings(accepted).has('gzip')
}

export const listHeaders = (requestId: string, etag: string, isPacked: boolean): Record<string, string> => ({
  ...answerHeaders(requestId),
  vary: 'accept-encoding',
  etag: isPacked ? weakTag(etag) : etag,
  ...(isPacked ? { 'content-encoding': 'gzip' } : {}),
})
