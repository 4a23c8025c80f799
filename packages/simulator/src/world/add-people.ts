import { corporationName, fullName, nickName, staffName } from './chinese-names.ts'
import {
  mintCorpId,
  mintExternalUserId,
  mintExternalWxid,
  mintPersonalWxid,
  mintStaffWxid,
  mintToken,
  mintUnionId,
} from './mint-ids.ts'
import { WeComRefused } from './refused.ts'
import type { World } from './world.ts'
import type {
  Bot,
  BotKind,
  BotState,
  Corp,
  Coworker,
  ExternalContact,
  ExternalKind,
  Gender,
  Wxid,
} from './world-state.ts'

const DEFAULT_CORP_NAME = '群枢示范'

export interface NewCorp {
  name: string
  id?: string
}

export interface NewBot {
  userId: string
  nickName?: string
  kind?: BotKind
  /** Left out: the first corp of the world, which is founded when there is none. */
  corpId?: string
  state?: BotState
  wxid?: Wxid
  token?: string
}

export interface NewCoworker {
  name?: string
  userId?: string
  corpId?: string
  wxid?: Wxid
}

export interface NewContact {
  name?: string
  /** Left out: `wechat`, the customer on personal WeChat. */
  kind?: ExternalKind
  friendOf?: readonly Wxid[]
  /** Left out: one is minted. Null: the contact has none. */
  unionId?: string | null
  /** Left out: minted for kind `wecom`, none for kind `wechat`. */
  corporation?: string | null
  wxid?: Wxid
  externalUserId?: string
}

export function addCorp(world: World, { name, id = mintCorpId(world.chance) }: NewCorp): Corp {
  if (world.corps.has(id)) throw new WeComRefused('id-taken', id)
  const corp: Corp = { id, name }
  world.corps.set(id, corp)
  world.changed()
  return corp
}

export function addBot(world: World, asked: NewBot): Bot {
  const { chance } = world
  const kind = asked.kind ?? 'wecom'
  const corpId = kind === 'wecom' ? corpFor(world, asked.corpId).id : null
  if (corpId !== null) refuseTakenUserId(world, corpId, asked.userId)

  const bot: Bot = {
    wxid: freshWxid(world, asked.wxid, () =>
      kind === 'wecom' ? mintStaffWxid(chance) : mintPersonalWxid(chance),
    ),
    userId: asked.userId,
    kind,
    corpId,
    token: asked.token ?? mintToken(chance, asked.userId),
    gender: anyGender(world),
    nickName: asked.nickName ?? fullName(chance),
    state: asked.state ?? 'online',
  }
  if (world.botOfToken(bot.token)) throw new WeComRefused('id-taken', 'token')
  world.bots.set(bot.wxid, bot)
  world.friendships.set(bot.wxid, new Set())
  world.remarks.set(bot.wxid, new Map())
  world.changed()
  return bot
}

export function addCoworker(world: World, asked: NewCoworker): Coworker {
  const { chance } = world
  const corpId = corpFor(world, asked.corpId).id
  const userId = asked.userId ?? `staff-${chance.hex(8)}`
  refuseTakenUserId(world, corpId, userId)

  const coworker: Coworker = {
    kind: 'coworker',
    wxid: freshWxid(world, asked.wxid, () => mintStaffWxid(chance)),
    userId,
    corpId,
    gender: anyGender(world),
    name: asked.name ?? staffName(chance),
  }
  world.contacts.set(coworker.wxid, coworker)
  world.changed()
  return coworker
}

export function addContact(world: World, asked: NewContact): ExternalContact {
  const { chance } = world
  const kind = asked.kind ?? 'wechat'
  const friendOf = (asked.friendOf ?? []).map(wxid => world.bot(wxid))

  const contact: ExternalContact = {
    kind,
    wxid: freshWxid(world, asked.wxid, () => mintExternalWxid(chance)),
    externalUserId: asked.externalUserId ?? mintExternalUserId(chance),
    unionId: asked.unionId === undefined ? mintUnionId(chance) : asked.unionId,
    corporation:
      asked.corporation === undefined && kind === 'wecom'
        ? corporationName(chance)
        : (asked.corporation ?? null),
    gender: anyGender(world),
    name: asked.name ?? (kind === 'wecom' ? fullName(chance) : nickName(chance)),
  }
  world.contacts.set(contact.wxid, contact)
  for (const bot of friendOf) world.setFriendship(bot.wxid, contact.wxid, true)
  world.changed()
  return contact
}

function corpFor(world: World, corpId: string | undefined): Corp {
  if (corpId !== undefined) return world.corp(corpId)
  const [first] = world.corps.values()
  return first ?? addCorp(world, { name: DEFAULT_CORP_NAME })
}

// Only unique per corp: two companies may both employ a "xiaobei", and a gateway has to live with it.
function refuseTakenUserId(world: World, corpId: string, userId: string): void {
  const taken = (person: { userId: string; corpId: string | null }) =>
    person.corpId === corpId && person.userId === userId
  const isTaken =
    world.bots.values().some(taken) ||
    world.contacts.values().some(contact => contact.kind === 'coworker' && taken(contact))
  if (isTaken) throw new WeComRefused('user-id-taken', userId)
}

function freshWxid(world: World, wanted: Wxid | undefined, mint: () => Wxid): Wxid {
  if (wanted !== undefined) {
    if (world.knows(wanted)) throw new WeComRefused('id-taken', wanted)
    return wanted
  }
  let wxid = mint()
  while (world.knows(wxid)) wxid = mint()
  return wxid
}

const anyGender = (world: World) => world.chance.below(3) as Gender
