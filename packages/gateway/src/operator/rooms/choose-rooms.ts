/** The chats that somebody means by conditions. */
import type { BotId, VerbInput, VerbOutput, WorkspaceId } from '@qunhub/wire'
import { done, type Result } from '../../model/result.ts'
import type { Database } from '../../store/database/database.ts'
import type { RoomFilter } from '../../store/rooms/room-fits.ts'
import { chooseTag } from './tags.ts'
import { understandRooms } from './understand-rooms.ts'

type Conditions = Pick<VerbInput<'list-chats'>, 'search' | 'topic' | 'tag' | 'external'>

export interface ChosenRooms {
  readonly filter: RoomFilter
  /** What was typed was taken for this. */
  readonly understood: VerbOutput<'list-chats'>['understood']
}

export async function chooseRooms(
  db: Database,
  workspaceId: WorkspaceId,
  { search, topic, tag, external, botId }: Conditions & { readonly botId: BotId | undefined },
): Promise<Result<ChosenRooms, 'tag-unknown' | 'tag-ambiguous'>> {
  const chosen = tag === undefined ? undefined : await chooseTag(db, workspaceId, tag)
  if (chosen && !chosen.ok) return chosen
  const meant = search === undefined ? undefined : await understandRooms(db, workspaceId, search)
  return done({
    filter: {
      ...{ botId, tagId: chosen?.value, topic, ...meant?.filter },
      external: external === undefined ? undefined : external === 'yes',
    },
    understood: meant?.understood ?? null,
  })
}
