/**
 * Whatever goes by an id, or by a name: each kind is asked by the index that it has, or looked through where it is small, and no
 * more than a few of each are told.
 */
import { type ChatId, type MatchKind, type MatchRecord, WEBHOOK_ID, type WorkspaceId } from '@qunhub/wire'
import { done } from '../model/result.ts'
import { listBots } from '../store/bots/bots.ts'
import { findCallback } from '../store/outbox/callbacks.ts'
import { chatsOfRoom } from '../store/rooms/chats-of-room.ts'
import { listContacts } from '../store/rooms/list-contacts.ts'
import { readChats } from '../store/rooms/rooms.ts'
import { findRooms } from '../store/rooms/search-rooms.ts'
import { listTags } from '../store/rooms/tags.ts'
import { listRequests } from '../store/workspaces/request-entries.ts'
import { listTokens } from '../store/workspaces/tokens.ts'
import { lookingTime } from './looking-time.ts'
import type { VerbDeps, Verbs } from './verb.ts'

const OF_EACH_KIND_MAX = 5
const HEX24 = /^[0-9a-f]{24}$/
/** As they are counted. */
const NUMBER = /^[1-9]\d{0,14}$/
/** Whatever the gateway, or a proxy before it, calls a request. */
const REQUEST_ID = /^[\w.:-]{8,}$/

type Deps = Pick<VerbDeps, 'db' | 'keyring' | 'clock'>

export const matchVerbs = {
  /** Bots first, then rooms, people, callbacks, requests, tags, tokens. Of rooms it says whether there may be more. */
  'list-matches': async ({ sought }, { db, keyring, clock, workspace }) => {
    const text = sought.trim()
    if (text === '') return done({ matches: [], moreRooms: false })
    const deps = { db, keyring, clock }
    const [ofBots, ofRooms, ...others] = await Promise.all([
      bots(text, workspace.id, deps),
      rooms(text, workspace.id, deps),
      ...[contacts, callbacks, requests, tags, tokens].map(kind => kind(text, workspace.id, deps)),
    ])
    return done({
      matches: [ofBots, ofRooms.found, ...others].flatMap(ofKind => ofKind.slice(0, OF_EACH_KIND_MAX)),
      moreRooms: ofRooms.more,
    })
  },
} satisfies Verbs

type Finder = (text: string, workspaceId: WorkspaceId, deps: Deps) => Promise<MatchRecord[]>

const match = (kind: MatchKind, id: string, name: string, about: string): MatchRecord => ({
  ...{ kind, id, name, about },
})

/** Whether one of these is the text, or has it within. */
const isIn = (text: string, ...those: readonly (string | null | undefined)[]): boolean =>
  those.some(each => each?.toLowerCase().includes(text.toLowerCase()))

const bots: Finder = async (text, workspaceId, { db, keyring }) =>
  (await listBots(db, keyring, workspaceId))
    .filter(
      ({ id, account, expectedUserId }) =>
        id === text ||
        account?.wxid === text ||
        isIn(text, account?.userId, account?.nickName, expectedUserId),
    )
    .map(({ id, account, expectedUserId }) =>
      match('bot', id, account?.nickName ?? expectedUserId ?? '', account?.userId ?? expectedUserId ?? ''),
    )

/** By its ids, those that were left as well; else by a part of the topic. */
async function rooms(text: string, workspaceId: WorkspaceId, { db, clock }: Deps) {
  const ofRoom = (await chatsOfRoom(db, workspaceId, text)).map(({ chatId }) => chatId)
  const byId = [...(HEX24.test(text) ? [text as ChatId] : []), ...ofRoom].slice(0, OF_EACH_KIND_MAX)
  const known = await readChats(db, workspaceId, byId)
  const { chats, more } =
    known.length > 0 ? { chats: known, more: false } : await roomsCalled(text, workspaceId, { db, clock })
  const found = chats.map(({ chatId, room, bot }) =>
    match('room', chatId, room.topic, `${room.wxid} · ${bot.nickName}`),
  )
  return { found, more }
}

async function roomsCalled(
  topic: string,
  workspaceId: WorkspaceId,
  { db, clock }: Pick<Deps, 'db' | 'clock'>,
) {
  const few = { limit: OF_EACH_KIND_MAX }
  const { rooms, next } = await findRooms(db, workspaceId, { topic }, few, lookingTime(clock))
  const chatIds = rooms.map(({ chatId }) => chatId)
  return { chats: await readChats(db, workspaceId, chatIds), more: next !== null }
}

/** One for each who goes by the id, however many bots know him. */
const contacts: Finder = async (text, workspaceId, { db }) => {
  const found = await listContacts(db, workspaceId, { id: text, limit: OF_EACH_KIND_MAX })
  const each = new Map(found.contacts.map(({ contact }) => [contact.wxid, contact]))
  return [...each.values()].map(({ wxid, name }) => match('contact', wxid, name, wxid))
}

const callbacks: Finder = async (text, workspaceId, { db }) => {
  const id = NUMBER.test(text) ? Number(text) : WEBHOOK_ID.test(text) ? text : undefined
  const found = id === undefined ? undefined : await findCallback(db, workspaceId, id)
  return found ? [match('callback', String(found.id), found.kind, found.webhookId)] : []
}

const requests: Finder = async (text, workspaceId, { db }) => {
  if (!REQUEST_ID.test(text)) return []
  const found = await listRequests(db, workspaceId, { requestId: text, before: undefined, limit: 1 })
  return found.map(({ requestId, endpoint, code }) =>
    match('request', requestId, endpoint, code === null ? '' : String(code)),
  )
}

const tags: Finder = async (text, workspaceId, { db }) =>
  (await listTags(db, workspaceId))
    .filter(({ id, name }) => id === text || isIn(text, name))
    .map(({ id, name, roomCount }) => match('tag', id, name, String(roomCount)))

/** By id or label; the token itself is in no list. */
const tokens: Finder = async (text, workspaceId, { db }) =>
  (await listTokens(db, workspaceId))
    .filter(({ id, label }) => id === text || isIn(text, label))
    .map(({ id, label, realm }) => match('token', id, label, realm))
