/** Chats and rooms that somebody names by their ids or by their topics. */
import type { ChatId, WorkspaceId } from '@qunhub/wire'
import { done, type Result, refuse } from '../../model/result.ts'
import type { Database } from '../../store/database/database.ts'
import { chatsOfTopics, roomsNamed } from '../../store/rooms/name-chats.ts'
import { unknownChats } from '../../store/rooms/tags.ts'
import { candidates } from '../choose.ts'

/** All of them known, each meant once, or a refusal that names the first that is not. An id goes before a topic. */
export async function chooseChats(
  db: Database,
  workspaceId: WorkspaceId,
  named: readonly string[],
): Promise<Result<ChatId[], 'chat-unknown' | 'chat-ambiguous'>> {
  const noIds = await unknownChats(db, workspaceId, [...new Set(named)] as ChatId[])
  const namesakes = Map.groupBy(await chatsOfTopics(db, workspaceId, noIds), ({ topic }): string => topic)
  const chosen = new Set<ChatId>()
  for (const name of named) {
    const [chat, ...others] = noIds.includes(name as ChatId)
      ? (namesakes.get(name) ?? [])
      : [{ chatId: name }]
    if (!chat) return refuse('chat-unknown', name)
    if (others.length > 0) {
      const told = namesakes.get(name)!.map(({ chatId, roomWxid }) => ({ id: chatId, name: roomWxid }))
      return refuse('chat-ambiguous', candidates(name, told))
    }
    chosen.add(chat.chatId as ChatId)
  }
  return done([...chosen])
}

/** The wxid of a room. What is neither a wxid nor a topic here may be the wxid of a room that was forgotten. */
export async function chooseRoom(
  db: Database,
  workspaceId: WorkspaceId,
  named: string | undefined,
): Promise<Result<string | undefined, 'room-ambiguous'>> {
  if (named === undefined) return done(undefined)
  const [only = named, ...others]: string[] = await roomsNamed(db, workspaceId, named)
  if (others.length === 0) return done(only)
  const told = [only, ...others].map(id => ({ id, name: '' }))
  return refuse('room-ambiguous', candidates(named, told))
}
