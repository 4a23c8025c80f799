import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type {
  BotId,
  ChatId,
  ContactWxid,
  OperatorReply,
  RoomWxid,
  UserId,
  VerbAsk,
  VerbName,
  VerbOutput,
  WorkspaceId,
} from '@qunhub/wire'
import { openTestSender } from '../../../gateway/src/callback/send-test.ts'
import { oweForLeave } from '../../../gateway/src/chatroom/owe.ts'
import type { BotAccount } from '../../../gateway/src/model/bot.ts'
import type { Contact } from '../../../gateway/src/model/contact.ts'
import { Keyring } from '../../../gateway/src/model/keyring.ts'
import { runVerb } from '../../../gateway/src/operator/run-verb.ts'
import type { VerbDeps } from '../../../gateway/src/operator/verb.ts'
import { createNameVetting } from '../../../gateway/src/operator/vet-name.ts'
import { saveBotAccount } from '../../../gateway/src/store/bots/bots.ts'
import { openStore } from '../../../gateway/src/store/database/open-store.ts'
import { saveRoom } from '../../../gateway/src/store/rooms/rooms.ts'
import { silentLog } from '../../../gateway/src/system/log.ts'
import { systemRandom } from '../../../gateway/src/system/random.ts'
import { ManualClock } from '../manual-clock.ts'
import { loopbackGuard, publicNamesGuard } from '../receivers/loopback.ts'

/** An id of the right form that nobody has. */
export const ABSENT_ID = 'f'.repeat(24)

/** The operator's verbs on a real store, with no gateway around them. */
export interface Office {
  readonly dataDir: string
  readonly deps: VerbDeps
  readonly clock: ManualClock
  ask<N extends VerbName>(name: N, input: VerbAsk<N>): Promise<OperatorReply>
  /** Throws the words of a refusal. */
  value<N extends VerbName>(name: N, input: VerbAsk<N>): Promise<VerbOutput<N>>
  workspaceNamed(name: string): Promise<WorkspaceId>
  /** Adds a bot that has logged in and is in one room. */
  botInRoom(
    workspace: WorkspaceId,
    given?: { token?: string; roomWxid?: string; userId?: string },
  ): Promise<{ botId: BotId; chatId: ChatId }>
  close(): Promise<void>
}

export async function openOffice(): Promise<Office> {
  const dataDir = await mkdtemp(join(tmpdir(), 'qunhub-office-'))
  const store = await openStore({ dataDir })
  const clock = new ManualClock()
  const keyring = new Keyring(Buffer.alloc(32, 1))
  const tests = openTestSender({ clock, random: systemRandom, guard: loopbackGuard })
  const deps: VerbDeps = {
    db: store.db,
    keyring,
    clock,
    random: systemRandom,
    log: silentLog,
    vetName: createNameVetting(publicNamesGuard, clock),
    sendTest: tests.send,
    tryPuppet: async () => null,
    examineReceiver: async () => null,
    oweForLeave,
    live: null,
  }

  const value: Office['value'] = async (name, input) => {
    const reply = await runVerb(name, input, deps)
    if (!reply.ok) throw new Error(`${name} was refused: ${reply.message}`)
    return reply.value as never
  }

  return {
    dataDir,
    deps,
    clock,
    ask: (name, input) => runVerb(name, input, deps),
    value,
    workspaceNamed: async name => (await value('add-workspace', { name })).id,
    async botInRoom(workspace, { token = 'puppet_token', roomWxid = 'R:1', userId = 'xiaobei' } = {}) {
      const { id } = await value('add-bot', { workspace, endpoint: '127.0.0.1:18788', token })
      const tenure = { workspaceId: workspace, botId: id, fence: 0 }
      await saveBotAccount(store.db, tenure, { ...account, userId: userId as UserId })
      const seen = { tenure, room: roomOf(roomWxid as RoomWxid), at: clock.now() }
      const saved = await saveRoom(store.db, seen, () => null)
      return { botId: id, chatId: saved.chat.chatId }
    },
    async close() {
      await tests.close()
      await store.close()
      await rm(dataDir, { recursive: true })
    },
  }
}

const account: Omit<BotAccount, 'userId'> = {
  wxid: '1688850000000001' as ContactWxid,
  nickName: '小北',
  avatarUrl: '',
  kind: 'wecom',
}

const self: Contact = {
  wxid: account.wxid,
  name: account.nickName,
  alias: null,
  avatarUrl: '',
  gender: 0,
  type: 3,
  isFriend: false,
  coworker: true,
  corporation: null,
  handle: null,
  unionId: null,
}

const roomOf = (wxid: RoomWxid) => ({
  wxid,
  topic: '大街小巷',
  avatarUrl: '',
  ownerId: account.wxid,
  external: true,
  wecomChatId: null,
  members: [{ contact: self, roomAlias: null }],
})
