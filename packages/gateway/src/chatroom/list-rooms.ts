import type { RoomWxid } from '@qunhub/wire'
import type { HostedBot } from '../bot/hosted-bot.ts'
import { type Clock, SECOND_MS, sleep } from '../model/clock.ts'

/** So often, and with such waits between, an empty list is asked for again. */
const EMPTY_LOOKS_MAX = 3
const LOOK_AGAIN_MS = SECOND_MS

/**
 * The rooms on the bot's list. Right after a login puppets are known to list nothing for a while, so for a bot that was in
 * several rooms an empty list is believed only when it stays empty. `known`: how many rooms the store knows it in.
 */
export async function listRooms(
  { clock }: { readonly clock: Clock },
  bot: HostedBot,
  known: number,
  signal?: AbortSignal,
): Promise<RoomWxid[]> {
  for (let look = 1; ; look++) {
    const listed = await bot.listRooms()
    if (listed.length > 0 || known < 2 || look >= EMPTY_LOOKS_MAX) return listed
    await sleep(clock, LOOK_AGAIN_MS * look, signal)
    signal?.throwIfAborted()
  }
}
