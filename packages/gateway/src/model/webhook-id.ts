import type { Random } from '../system/random.ts'

const TIME_BYTES = 6
const CHANCE_BYTES = 12

/**
 * By chance, because it must differ even when a backup is restored and the ids come again. It begins with the time, by which it is
 * found on SQLite (`store/outbox/find-webhook.ts`); in PostgreSQL's index those of one moment stand beside one another.
 */
export function newWebhookId(at: number, random: Random): string {
  const bytes = Buffer.alloc(TIME_BYTES + CHANCE_BYTES)
  bytes.writeUIntBE(at, 0, TIME_BYTES)
  random.bytes(CHANCE_BYTES).copy(bytes, TIME_BYTES)
  return `msg_${bytes.toString('base64url')}`
}

/** When the callback was owed whose id this is; undefined where it is none of ours. */
export function owedTimeOf(webhookId: string): number | undefined {
  const [, encoded] = /^msg_([\w-]{24})$/.exec(webhookId) ?? []
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64url').readUIntBE(0, TIME_BYTES)
}
