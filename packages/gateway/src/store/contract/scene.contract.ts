import type { BotId, ChatId, ContactWxid, RoomWxid, TagId, UserId, WorkspaceId } from '@qunhub/wire'
import type { Selectable } from 'kysely'
import type { BotAccount, BotMove, BotSession, Tenure } from '../../model/bot.ts'
import type { OwedCallback } from '../../model/callback.ts'
import type { Contact } from '../../model/contact.ts'
import { Keyring } from '../../model/keyring.ts'
import { type Room, toRoomRow } from '../../model/room.ts'
import { hex24, type Random } from '../../system/random.ts'
import { addBot, saveBotAccount } from '../bots/bots.ts'
import { nextBeat } from '../bots/nodes.ts'
import type { Database, Queryable } from '../database/database.ts'
import type { Store } from '../database/open-store.ts'
import { toOwedRows } from '../outbox/owe-callbacks.ts'
import { saveContacts } from '../rooms/contacts.ts'
import type { KeptContacts } from '../rooms/kept-contacts.ts'
import { leaveRoom, pageOfChats, readChats, type SavedRoom, saveRoom } from '../rooms/rooms.ts'
import { addTag } from '../rooms/tags.ts'
import type { Tables } from '../schema/tables.ts'
import { addWorkspace } from '../workspaces/workspaces.ts'

/** Opens an empty store of the dialect under test, and sees to its end when the test has finished. */
export type OpenStore = () => Promise<Store>

export const keyring = new Keyring(Buffer.alloc(32, 7))

/** Any moment will do where the rule is not about time. */
export const NOON = Date.UTC(2026, 10, 23, 12)

/** Chance that can be repeated: mulberry32. */
export function seededRandom(seed: number): Random {
  let state = seed
  const fraction = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    fraction,
    bytes: count => Buffer.from(Array.from({ length: count }, () => Math.floor(fraction() * 256))),
  }
}

export const wxidOf = (name: string) => `788130000000${name}` as ContactWxid
export const roomWxidOf = (name: string) => `R:${name}` as RoomWxid

export const contact = (name: string, but: Partial<Contact> = {}): Contact => ({
  wxid: wxidOf(name),
  name,
  alias: null,
  avatarUrl: `https://wx.qlogo.cn/${name}/0`,
  gender: 0,
  type: 1,
  isFriend: true,
  coworker: false,
  corporation: null,
  handle: `wm${name}`,
  unionId: null,
  ...but,
})

/** A room with these members; a name stands for an ordinary contact. */
export const room = (
  name: string,
  members: readonly (string | Contact)[],
  but: Partial<Room> = {},
): Room => ({
  wxid: roomWxidOf(name),
  topic: `${name}群`,
  avatarUrl: '',
  ownerId: '',
  external: true,
  wecomChatId: null,
  members: members.map(member => ({
    contact: typeof member === 'string' ? contact(member) : member,
    roomAlias: null,
  })),
  ...but,
})

export const account = (wxid: string, but: Partial<BotAccount> = {}): BotAccount => ({
  wxid: `16888500000${wxid}` as ContactWxid,
  userId: `user-${wxid}` as UserId,
  nickName: `小${wxid}`,
  avatarUrl: '',
  kind: 'wecom',
  ...but,
})

export const owed = (text: string, laneKey = 'R:lane'): OwedCallback => ({
  kind: 'chatroom/joined',
  laneKey,
  body: Buffer.from(text),
})

/** A move to this state, the first that its node tells. */
export const moveTo = (to: BotSession, but: Partial<BotMove> = {}): BotMove => ({
  from: 'connecting',
  to,
  at: NOON,
  seq: 1,
  missed: 0,
  ...but,
})

export const offline = (reason: string, since = NOON): BotSession => ({ state: 'offline', since, reason })

/** Of a bot that no node has claimed yet. */
export const tenureOf = (workspaceId: WorkspaceId, botId: BotId, fence = 0): Tenure => ({
  workspaceId,
  botId,
  fence,
})

/** A store with one workspace and one bot that has logged in, and short words for what tests do with them. */
export class Scene {
  readonly db: Database
  readonly random: Random
  readonly workspaceId: WorkspaceId
  readonly botId: BotId

  private constructor(db: Database, random: Random, workspaceId: WorkspaceId, botId: BotId) {
    this.db = db
    this.random = random
    this.workspaceId = workspaceId
    this.botId = botId
  }

  static async open(open: OpenStore): Promise<Scene> {
    const store = await open()
    return Scene.in(store.db, seededRandom(1))
  }

  get tenure(): Tenure {
    return tenureOf(this.workspaceId, this.botId)
  }

  /** One more workspace with a bot in the same store. */
  static async in(db: Database, random: Random, botAccount = account('bei')): Promise<Scene> {
    const { id: workspaceId } = await addWorkspace(db, random, { name: '小组', at: NOON })
    const scene = new Scene(db, random, workspaceId, '' as BotId)
    return new Scene(db, random, workspaceId, await scene.hostBot(botAccount))
  }

  async hostBot(botAccount: BotAccount): Promise<BotId> {
    const address = { endpoint: '127.0.0.1:1', token: 'puppet_token_1', tls: false }
    const bot = await addBot(this.db, keyring, this.random, this.workspaceId, {
      address,
      expectedUserId: null,
      at: NOON,
    })
    await saveBotAccount(this.db, tenureOf(this.workspaceId, bot.id), botAccount)
    return bot.id
  }

  save(
    seen: Room,
    {
      botId = this.botId,
      kept,
      owe = () => null,
    }: { botId?: BotId; kept?: KeptContacts; owe?: (saved: SavedRoom) => OwedCallback | null } = {},
  ): Promise<SavedRoom> {
    return saveRoom(this.db, { tenure: tenureOf(this.workspaceId, botId), room: seen, at: NOON, kept }, owe)
  }

  meet(...contacts: Contact[]): Promise<number> {
    return saveContacts(this.db, this.tenure, contacts)
  }

  leave(name: string, botId = this.botId): Promise<boolean> {
    return leaveRoom(this.db, tenureOf(this.workspaceId, botId), roomWxidOf(name), NOON)
  }

  async tag(name: string): Promise<TagId> {
    return (await addTag(this.db, this.random, this.workspaceId, { name })).id
  }

  /** Somebody gives the workspace a callback address. */
  async listen(): Promise<void> {
    const row = { workspace_id: this.workspaceId, id: hex24(this.random), base_url: 'http://127.0.0.1:1/' }
    await this.db.write(tx =>
      tx.run(
        tx.query
          .insertInto('callback_address')
          .values({ ...row, secrets_sealed: keyring.seal('[]'), created_at: NOON })
          .compile(),
      ),
    )
  }

  /** All that stands in a table of the workspace, in no particular order. */
  rowsOf<T extends 'chat' | 'chat_member' | 'contact' | 'list_block'>(table: T) {
    const rows = this.db.query.selectFrom(table as 'chat').selectAll()
    const own = rows.where('workspace_id', '=', this.workspaceId)
    return this.db.all(own.compile()) as unknown as Promise<Selectable<Tables[T]>[]>
  }

  /** The callbacks' bodies, oldest first. */
  async callbacks(): Promise<string[]> {
    const rows = await this.db.all(
      this.db.query
        .selectFrom('callback')
        .innerJoin('callback_body as body', join =>
          join
            .onRef('body.workspace_id', '=', 'callback.workspace_id')
            .onRef('body.id', '=', 'callback.body_id'),
        )
        .select('body.bytes')
        .where('callback.workspace_id', '=', this.workspaceId)
        .orderBy('callback.id')
        .compile(),
    )
    return rows.map(({ bytes }) => Buffer.from(bytes).toString())
  }

  /** The list of a tag, or of all chats: what its customers would see of each, and the revision. */
  async list(tagId: TagId | null = null): Promise<{ chatId: ChatId; revision: string; row: string }[]> {
    const page = { offset: 0, limit: 1000 }
    const { rows } = await pageOfChats(this.db, this.workspaceId, tagId, page)
    const chats = await readChats(
      this.db,
      this.workspaceId,
      rows.map(({ chatId }) => chatId),
    )
    return rows.map((each, at) => ({ ...each, row: JSON.stringify(toRoomRow(chats[at]!)) }))
  }

  async topics(tagId: TagId | null = null): Promise<string[]> {
    return (await this.list(tagId)).map(({ row }) => (JSON.parse(row) as { topic: string }).topic)
  }
}

/**
 * Owes a callback to the workspace's address, inside the transaction that makes it owed (CB-4); owes nothing when the
 * workspace has no address. `at` in milliseconds. The gateway owes nothing by itself: see `saveRoom`.
 */
export async function enqueueCallback(
  tx: Queryable,
  workspaceId: WorkspaceId,
  callback: OwedCallback,
  at: number,
  random?: Random,
): Promise<void> {
  for (const statement of tx.hot.owe(workspaceId, toOwedRows([callback], at, random))) await tx.run(statement)
}

/** Owes it in a commit of its own: of one statement, where the dialect needs no more. */
export async function enqueueAtOnce(
  db: Database,
  workspaceId: WorkspaceId,
  callback: OwedCallback,
  at: number,
): Promise<void> {
  const statements = db.hot.owe(workspaceId, toOwedRows([callback], at))
  if (statements.length === 1) await db.writeAtOnce(statements[0]!)
  else await db.write(tx => enqueueCallback(tx, workspaceId, callback, at))
}

/** A sign of life of a node that has no connection of its own. False when its peers have reaped it. */
export const beatNode = (db: Database, id: string): Promise<boolean> =>
  db.write(async tx => {
    const { beat } = (await tx.first(nextBeat(tx)))!
    return (await tx.run(tx.query.updateTable('node').set({ beat }).where('id', '=', id).compile())) === 1
  })
