import type { Random } from '../system/random.ts'

const TIME_BYTES = 6
const CHANCE_BYTES = 12

/**
 * By chance, because it must differ even when a backup is restored and the ids come again. It begins with the time, so that
 * those of one moment stand beside one another in the index: they share its pages instead of writing one each.
 */
export function newWebhookId(at: number, random: Random): string {
  const bytes = Buffer.alloc(TIME_BYTES + CHANCE_BYTES)
  bytes.writeUIntBE(at, 0, TIME_BYTES)
  random.bytes(CHANCE_BYTES).copy(bytes, TIME_BYTES)
  return `msg_${bytes.toString('base64url')}`
}
