/** The bots of the demo: those of its world, where they are now, and when they are ready to be asked. */
import type { Simulator, WorldSnapshot } from '@qunhub/simulator'
import type { WorkspaceId } from '@qunhub/wire'
import type { Gateway } from '../../gateway.ts'
import { type Bot, NO_PAST, type PuppetAddress } from '../../model/bot.ts'
import { listBots, saveBotAddress } from '../../store/bots/bots.ts'
import { listChatsOfBot } from '../../store/rooms/rooms.ts'
import { sleep, systemClock } from '../../system/clock.ts'
import type { Log } from '../../system/log.ts'
import { operate } from './operate.ts'

/** The introduction waits so long for the first sync; then it is printed all the same. */
const FIRST_SYNC_WAIT_MAX_MS = 20_000
const LOOK_EVERY_MS = 50

/** Each bot of the world is one of ours, at the address that it has now. */
export async function ensureBots(
  gateway: Gateway,
  workspaceId: WorkspaceId,
  { world, endpoint }: Simulator,
  known: readonly Bot[],
): Promise<void> {
  for (const { token, userId } of world.snapshot().bots) {
    const bot = known.find(candidate => candidate.address.token === token)
    if (!bot)
      await operate(gateway, 'add-bot', { workspace: workspaceId, endpoint, token, userId: userId as never })
    else if (bot.address.endpoint !== endpoint)
      await moveBot(gateway, bot, { endpoint, token, tls: bot.address.tls })
  }
}

/** Bots of another scene have no puppet in this one; they keep their rooms, and nobody knocks in vain. */
export async function restStrangers(
  { operator }: Gateway,
  { world }: Simulator,
  known: readonly Bot[],
): Promise<void> {
  const present = new Set(world.snapshot().bots.map(bot => bot.token))
  for (const bot of known.filter(candidate => !present.has(candidate.address.token))) {
    await operator.live?.roster.remove(bot.workspaceId, bot.id)
  }
}

async function moveBot({ operator }: Gateway, bot: Bot, address: PuppetAddress): Promise<void> {
  await saveBotAddress(operator.db, operator.keyring, bot.workspaceId, bot.id, address)
  const { roster } = operator.live ?? {}
  const hosted = roster?.byId(bot.workspaceId, bot.id)
  if (!hosted) return
  await roster?.remove(bot.workspaceId, bot.id)
  roster?.add({
    bot: { ...bot, address },
    fence: hosted.tenure.fence,
    starting: hosted.isStarting,
    past: NO_PAST,
  })
}

/**
 * Waits until each bot is online and the store knows as many of its rooms as the world does. At a second start it knows
 * them from the first, and still a bot that is not back refuses the lines that are printed.
 */
export async function firstSync(
  { operator }: Gateway,
  workspaceId: WorkspaceId,
  world: WorldSnapshot,
  log: Log,
): Promise<void> {
  const until = systemClock.now() + FIRST_SYNC_WAIT_MAX_MS
  const online = world.bots.filter(bot => bot.state === 'online')
  const roomsOf = (wxid: string) =>
    world.rooms.filter(room => room.members.some(member => member.wxid === wxid)).length
  const isSynced = async () => {
    const bots = await listBots(operator.db, operator.keyring, workspaceId)
    for (const { wxid, token } of online) {
      const bot = bots.find(candidate => candidate.address.token === token)
      if (!bot || operator.live?.roster.byId(workspaceId, bot.id)?.session.state !== 'online') return false
      const chats = await listChatsOfBot(operator.db, workspaceId, bot.id)
      if (chats.length < roomsOf(wxid)) return false
    }
    return true
  }
  while (!(await isSynced())) {
    if (systemClock.now() > until) {
      log.warn({}, 'the first sync takes long; it goes on in the background')
      return
    }
    await sleep(systemClock, LOOK_EVERY_MS)
  }
}
