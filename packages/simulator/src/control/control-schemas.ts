import { z } from 'zod'
import { RESTART_DOWN_MS_MAX } from '../puppet/restart-limits.ts'
import { STORM_EVENTS_MAX, STORM_OF_SCENE, STORM_PER_SECOND_MAX } from '../storm.ts'
import { ROOM_MEMBERS_MAX } from '../world/platform-limits.ts'
import { SCAN_STEPS } from '../world/scans.ts'
import { VERIFICATION_KINDS, VERIFICATION_STEPS } from '../world/verifications.ts'
import { BOT_KINDS, BOT_STATES, EXTERNAL_KINDS } from '../world/world-state.ts'

/** The bodies of the control API. Unknown fields are refused, so that a misspelt one does not pass in silence. */

const TEXT_CHARACTERS_MAX = 4_096
const ID_CHARACTERS_MAX = 256
const FRIENDS_OF_MAX = 1_000
const NUL = '\u0000'

const text = (max: number) =>
  z
    .string()
    .max(max)
    .refine(value => !value.includes(NUL), '不得含 NUL (must not contain NUL)')
    .refine(
      value => value.isWellFormed(),
      '不得含半个代理对 (must be well-formed Unicode, without lone surrogates)',
    )

const Text = text(TEXT_CHARACTERS_MAX)
const Name = Text.min(1)
const Id = text(ID_CHARACTERS_MAX).min(1)

export const NoBody = z.strictObject({}).optional()

export const NewBotBody = z.strictObject({
  userId: Id,
  nickName: Name.optional(),
  kind: z.enum(BOT_KINDS).optional(),
  corpId: Id.optional(),
  state: z.enum(BOT_STATES).optional(),
})

export const BotStateBody = z.strictObject({ state: z.enum(BOT_STATES) })

/** `qrcode` is what whoever scans holds in front of the phone; left out, it is the one that is shown. */
export const ScanBody = z.strictObject({ status: z.enum(SCAN_STEPS), qrcode: Text.optional() })

/** `by`: WeCom wants another verification; `status`: somebody goes on with the one that it wants. */
export const VerificationBody = z
  .strictObject({
    by: z.enum(VERIFICATION_KINDS).optional(),
    status: z.enum(VERIFICATION_STEPS).optional(),
  })
  .refine(
    ({ by, status }) => (by === undefined) !== (status === undefined),
    '应给出 by 或 status 其一 (expected by or status, one of the two)',
  )

export const NewContactBody = z
  .strictObject({
    name: Name,
    kind: z.enum(['coworker', ...EXTERNAL_KINDS]),
    corpId: Id.optional(),
    userId: Id.optional(),
    friendOf: z.array(Id).max(FRIENDS_OF_MAX).optional(),
    unionId: Id.nullable().optional(),
    corporation: Name.nullable().optional(),
  })
  .superRefine(({ kind, corpId, userId, unionId, corporation }, context) => {
    const misplaced = kind === 'coworker' ? { unionId, corporation } : { corpId, userId }
    for (const [field, value] of Object.entries(misplaced)) {
      if (value === undefined) continue
      context.addIssue({
        code: 'custom',
        path: [field],
        message: `类型为 ${kind} 的联系人没有此项 (not for a contact of kind ${kind})`,
      })
    }
  })

export const ChangedContactBody = z
  .strictObject({ name: Name.optional(), alias: Text.optional() })
  .refine(
    ({ name, alias }) => name !== undefined || alias !== undefined,
    '至少给出 name 或 alias (expected name or alias)',
  )

export const FriendshipBody = z.strictObject({ botWxid: Id, contactWxid: Id, friend: z.boolean() })

export const NewRoomBody = z.strictObject({
  ownerId: Id,
  members: z.array(Id).max(ROOM_MEMBERS_MAX).optional(),
  topic: Text.optional(),
  external: z.boolean().optional(),
})

export const ChangedRoomBody = z
  .strictObject({ topic: Text.optional(), ownerId: Id.optional() })
  .refine(
    ({ topic, ownerId }) => topic !== undefined || ownerId !== undefined,
    '至少给出 topic 或 ownerId (expected topic or ownerId)',
  )

export const NewMemberBody = z.strictObject({ wxid: Id, by: Id.optional() })

export const ChangedMemberBody = z.strictObject({ alias: Text })

/** Removing somebody may say who did it; most callers send no body at all. */
export const LeavingBody = z.strictObject({ by: Id.optional() }).optional()

export const RoomMessageBody = z.strictObject({ from: Id, text: Name })

/** `to` is a bot; left out, it is the first that knows the one who speaks. */
export const ContactMessageBody = z.strictObject({ to: Id.optional(), text: Name })

export const StormBody = z.strictObject({
  perSecond: z.int().min(1).max(STORM_PER_SECOND_MAX).default(STORM_OF_SCENE.perSecond),
  events: z.int().min(1).max(STORM_EVENTS_MAX).default(STORM_OF_SCENE.events),
})
export const RestartBody = z.strictObject({ downMs: z.int().min(0).max(RESTART_DOWN_MS_MAX) })
