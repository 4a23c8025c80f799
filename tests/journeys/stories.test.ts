/**
 * Stories that a seed makes up: people come, go and change while customers ask, operators sync, move bots, remove and add them, calls
 * of the puppet fail and its stream is lost. In the end, by events and reconciles alone, every list is as the world is, one key has made one room, and
 * of no entrance the customer has heard twice.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Bot } from '@qunhub/simulator'
import { eventually } from '@qunhub/testing/eventually.ts'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { ChatroomBody, create, roomList } from '@qunhub/wire'
import { expect, test } from 'vitest'
import { seededRandom } from '../../packages/gateway/src/store/contract/scene.contract.ts'

const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e6))
/** A few; as many as one likes (`QUNHUB_ROOM_STORIES`). */
const STORIES = Number(process.env['QUNHUB_ROOM_STORIES'] ?? 3)
/** What is failed on purpose is asked for again within a minute. */
const STORY_MS_MAX = 120_000
const STEPS = 60
/** Each costs the deadline of a call. */
const FAILURES_MAX = 4
const CALLS = [
  ...(['roomPayload', 'roomAdd', 'roomCreate', 'roomQuit'] as const),
  ...(['contactPayload', 'roomMemberList', 'roomList'] as const),
]

async function openStory(seed: number) {
  const { fraction } = seededRandom(seed)
  const below = (max: number) => Math.floor(fraction() * max)
  const oneOf = <T>(all: readonly T[]): T => all[below(all.length)]!
  const house = await openHouse({
    env: { QUNHUB_PUPPET_DEADLINE_MS: '400', QUNHUB_DATABASE_POOL: '8' },
    simulator: { keepsPayloads: fraction() < 0.5 },
  })
  const { world, simulator } = house
  const bots = ['xiaobei', 'xiaonan'].map(userId => world.addBot({ userId }))
  const colleague = world.addCoworker().wxid
  const people = Array.from(
    { length: 8 },
    (_, n) =>
      world.addContact({ friendOf: bots.filter((_bot, at) => n > 2 + at).map(({ wxid }) => wxid) }).wxid,
  )
  const everybody = [...people, ...bots.map(({ wxid }) => wxid)]
  // Of a bot that is in no room nobody knows whether its start is over.
  for (const [n, inside] of [bots, [bots[0]!], [bots[0]!], [bots[1]!]].entries()) {
    const { members } = world.addRoom({
      topic: `群${n}`,
      ownerId: colleague,
      members: [...inside.map(({ wxid }) => wxid), ...people.filter(() => fraction() < 0.4)],
      external: true,
    })
    // Puppets say since when in whole seconds: since before the bots were added.
    for (const [wxid, one] of members) members.set(wxid, { ...one, joinedAt: one.joinedAt - 2000 })
  }
  const hosted = new Map<Bot, string>()
  for (const bot of bots) hosted.set(bot, await house.host(bot))
  return { house, world, simulator, bots, hosted, colleague, people, everybody, fraction, below, oneOf }
}

type Scene = Awaited<ReturnType<typeof openStory>>

/** How often each bot has entered each room, as the world knows it, from now on. */
function countEntrances({ world, bots }: Scene): Map<string, number> {
  const places = () =>
    new Set(bots.flatMap(({ wxid }) => world.roomsOf(wxid).map(room => `${room.wxid} ${wxid}`)))
  const entered = new Map<string, number>()
  let before = places()
  world.watch(() => {
    const now = places()
    for (const place of now.difference(before)) entered.set(place, (entered.get(place) ?? 0) + 1)
    before = now
  })
  return entered
}

/** Resolves when all that happened and was asked is over; with the rooms that each key was answered. */
async function live(scene: Scene): Promise<Map<string, Set<string>>> {
  const { house, world, simulator, bots, hosted, colleague, people, everybody, fraction, below, oneOf } =
    scene
  const rooms = () => oneOf([...world.rooms.values()])
  const member = (of: { members: ReadonlyMap<string, unknown> }) => oneOf([...of.members.keys()])
  const answered = new Map<string, Set<string>>()
  // That a bot has left while nobody could hear it is believed after a minute only, so in these no bot leaves.
  const isCalm = fraction() < 0.5
  let failures = 0
  const userId = () => oneOf(bots).userId
  const makeRoom = async () => {
    const key = `k${answered.size}`
    const found = new Set<string>()
    answered.set(key, found)
    const body = { botUserId: userId(), wxids: people.filter(() => fraction() < 0.5), name: key }
    const ask = async () => {
      const answer = await house.post('/room/create', body, { 'idempotency-key': key })
      const { errcode, data } = create.reply.parse(answer.body)
      if (errcode === 0) found.add(data!.roomWxid)
    }
    await Promise.all([ask(), ask()])
    await ask()
  }
  const fail = () => {
    if (isCalm || failures++ >= FAILURES_MAX) return
    if (fraction() < 0.3) simulator.faults.add({ on: 'stream', mode: 'drop', times: 1 })
    else simulator.faults.add({ on: oneOf(CALLS), mode: oneOf(['hang', 'done-but-timeout']), times: 1 })
  }
  const leave = () => {
    const [room, whom] = [rooms(), oneOf(isCalm ? everybody : people)]
    if (whom !== room.ownerId) world.leave(room.wxid, whom, colleague)
  }
  const exit = () => isCalm && house.post('/room/exit', { wecomUserId: userId(), roomWxid: rooms().wxid })
  const { workspaceId: workspace } = house
  const { endpoint } = simulator
  // Whoever comes while a bot is away leaves it alone.
  const removeAndAdd = async () => {
    const bot = oneOf(bots)
    const id = hosted.get(bot)
    if (!id) return
    hosted.delete(bot)
    await house.operate('remove-bot', { workspace, bot: id })
    const added = await house.operate('add-bot', {
      workspace,
      endpoint,
      token: bot.token,
      userId: bot.userId,
    })
    hosted.set(bot, added.id)
  }
  const handOver = () => {
    const id = hosted.get(oneOf(bots))
    return id && house.operate('set-bot', { workspace, bot: id, endpoint })
  }
  const steps: (() => unknown)[] = [
    () => world.join(rooms().wxid, oneOf(everybody), colleague),
    leave,
    () => world.renameContact(oneOf(everybody), `名${below(1e5)}`),
    () => world.setTopic(rooms().wxid, `题${below(1e5)}`),
    () => (room => world.setAlias(room.wxid, member(room), `名片${below(1e5)}`))(rooms()),
    () => world.setFriendship(oneOf(bots).wxid, oneOf(people), fraction() < 0.5),
    () =>
      house.post('/room/addMember', {
        botUserId: userId(),
        contactWxid: oneOf(everybody),
        roomWxid: rooms().wxid,
      }),
    exit,
    makeRoom,
    () => house.operate('sync-bot', { workspace: house.workspaceId, bot: userId() }),
    ...[fail, handOver, removeAndAdd],
    () => simulator.faults.add({ on: 'events', mode: oneOf(['duplicate', 'reorder']), times: 3 }),
  ]
  const underWay: Promise<unknown>[] = []
  for (let step = 0; step < STEPS; step++) {
    // What the world refuses (who is in already, who is not) does not happen; a sync may fail.
    underWay.push((async () => oneOf(steps)())().catch(() => {}))
    await pause(below(30))
  }
  await Promise.all(underWay)
  simulator.faults.clear()
  return answered
}

async function shown(house: House): Promise<string[]> {
  const { body } = await house.get('/room/list', { pageSize: '100' })
  return roomList.reply.parse(body).data.map(row => {
    const members = row.members.map(each => [each.wxid, each.nickName, each.isFriend, each.roomAlias].join())
    return [row.botInfo.nickName, row.wxid, row.topic, ...members.toSorted()].join('|')
  })
}

const real = ({ world }: Scene, bot: Bot): string[] =>
  world.roomsOf(bot.wxid).map(room => {
    const members = [...room.members].map(([wxid, { alias }]) =>
      [wxid, world.nameOf(wxid), world.areFriends(bot.wxid, wxid), alias || null].join(),
    )
    return [bot.nickName, room.wxid, room.topic, ...members.toSorted()].join('|')
  })

async function tell(seed: number): Promise<void> {
  const scene = await openStory(seed)
  const { house, world, bots } = scene
  try {
    const entered = countEntrances(scene)
    const answered = await live(scene)
    await eventually(`SEED=${seed}: the lists are as the world is`, async () => {
      await pause(100)
      const lists = await shown(house)
      const asItIs = bots.flatMap(bot => real(scene, bot))
      return lists.toSorted().join('\n') === asItIs.toSorted().join('\n')
    })
    for (const [key, found] of answered) {
      expect(found.size, `SEED=${seed} ${key}`).toBeLessThanOrEqual(1)
      const made = [...world.rooms.values()].filter(({ topic }) => topic === key)
      expect(made.length, `SEED=${seed} ${key}`).toBeLessThanOrEqual(1)
    }
    const joined = house.customer.heard
      .filter(({ path }) => path.endsWith('/joined'))
      .map(({ json }) => ChatroomBody.parse(json))
      .map(({ wxid, botInfo }) => `${wxid} ${botInfo.wxid}`)
    for (const [place, { length }] of Map.groupBy(joined, each => each))
      expect(length, `SEED=${seed} ${place}`).toBeLessThanOrEqual(entered.get(place) ?? 0)
  } finally {
    await house.close()
  }
}

test(
  `CB-2 CB-3 CR-25 BOT-210 in the end all is as the world is, and told once: SEED=${SEED}`,
  async () => {
    for (let seed = SEED; seed < SEED + STORIES; seed++) await tell(seed)
  },
  STORIES * STORY_MS_MAX,
)
