import { cleanText, type WorkspaceId } from '@qunhub/wire'
import type { ExpressionBuilder, Selectable } from 'kysely'
import type { CallbackSwitches, Workspace, WorkspaceSwitches } from '../../model/workspace.ts'
import { hex24, type Random } from '../../system/random.ts'
import type { Database } from '../database/database.ts'
import type { CallbackSwitchRow } from '../database/hot-rows.ts'
import { countEdition } from '../rooms/list-edition.ts'
import type { Flag, Tables, WorkspaceTable } from '../schema/tables.ts'

/** Adds a workspace under a new id, with every switch as it is by default. `at` in milliseconds. */
export async function addWorkspace(
  db: Database,
  random: Random,
  { name, at }: { name: string; at: number },
): Promise<Workspace> {
  const row = { id: hex24(random), name: cleanText(name), created_at: at }
  await db.write(tx => tx.run(tx.query.insertInto('workspace').values(row).compile()))
  return toWorkspace({ ...row, ...DEFAULTS })
}

export async function findWorkspace(db: Database, workspaceId: WorkspaceId): Promise<Workspace | undefined> {
  const row = await db.first(db.hot.workspaceOf(workspaceId))
  return row && toWorkspace(row)
}

/** Oldest first. */
export async function listWorkspaces(db: Database): Promise<Workspace[]> {
  const rows = await db.all(
    db.query.selectFrom('workspace').selectAll().orderBy('created_at').orderBy('id').compile(),
  )
  return rows.map(toWorkspace)
}

/** The switches that are given, each on or off; those that are not stay as they are. */
export type SwitchesToSet = { readonly [S in keyof WorkspaceSwitches]?: boolean | undefined }

/**
 * Sets switches from now on: all that are given, in one write. False when there is no such workspace. The revision grows
 * only when rows show something else than before, so that other switches cost no customer a rendered row.
 */
export async function setSwitches(
  db: Database,
  workspaceId: WorkspaceId,
  switches: SwitchesToSet,
): Promise<boolean> {
  const given = switchNames.flatMap(name => {
    const on = switches[name]
    return on === undefined ? [] : [[SWITCH_COLUMNS[name], toFlag(on)] as const]
  })
  return db.write(async tx => {
    const found = await tx.run(
      tx.query
        .updateTable('workspace')
        .set(({ eb }) => ({
          ...Object.fromEntries(given),
          revision: eb('revision', '+', growth(eb, switches.showWecomChatId)),
        }))
        .where('id', '=', workspaceId)
        .compile(),
    )
    if (found === 1 && switches.showWecomChatId !== undefined) await countEdition(tx, workspaceId, null)
    return found === 1
  })
}

const growth = (eb: ExpressionBuilder<Tables, 'workspace'>, shown: boolean | undefined) =>
  shown === undefined
    ? eb.lit(0)
    : eb.case().when('show_wecom_chat_id', '=', toFlag(shown)).then(eb.lit(0)).else(eb.lit(1)).end()

const SWITCH_COLUMNS = {
  showWecomChatId: 'show_wecom_chat_id',
  paceAdditions: 'pace_additions',
  verifyAdditions: 'verify_additions',
  chatroomJoined: 'chatroom_joined',
  chatroomLoaded: 'chatroom_loaded',
  joinedOnAnyMember: 'joined_on_any_member',
  roomJoined: 'room_joined',
  roomLeft: 'room_left',
  roomTopic: 'room_topic',
} as const satisfies Record<keyof WorkspaceSwitches, keyof WorkspaceTable>
const switchNames = Object.keys(SWITCH_COLUMNS) as (keyof WorkspaceSwitches)[]

/** As the columns have them. */
const DEFAULTS = {
  show_wecom_chat_id: 0,
  pace_additions: 0,
  verify_additions: 0,
  chatroom_joined: 1,
  chatroom_loaded: 1,
  joined_on_any_member: 0,
  room_joined: 0,
  room_left: 0,
  room_topic: 0,
} as const

const toFlag = (on: boolean): Flag => (on ? 1 : 0)

/** What the workspace wants to hear. */
export const toCallbackSwitches = (row: CallbackSwitchRow): CallbackSwitches => ({
  chatroomJoined: row.chatroom_joined === 1,
  chatroomLoaded: row.chatroom_loaded === 1,
  joinedOnAnyMember: row.joined_on_any_member === 1,
  roomJoined: row.room_joined === 1,
  roomLeft: row.room_left === 1,
  roomTopic: row.room_topic === 1,
})

const toWorkspace = (row: Omit<Selectable<WorkspaceTable>, 'revision'>): Workspace => ({
  id: row.id as WorkspaceId,
  name: row.name,
  createdAt: row.created_at,
  showWecomChatId: row.show_wecom_chat_id === 1,
  paceAdditions: row.pace_additions === 1,
  verifyAdditions: row.verify_additions === 1,
  ...toCallbackSwitches(row),
})
