import { z } from 'zod'
import { PUPPET_CALL_NAMES } from '../puppet-call-names.ts'

const CALL_MODES = [
  'refuse',
  'hang',
  'done-but-timeout',
  'done-but-refused',
  'done-but-not',
  'empty-at-first',
  'short',
  'too-much',
] as const
/** What can be reported as done although it was not. */
const LIARS: readonly string[] = ['roomQuit', 'roomAdd']
/** What may still be loading after a login: it is known to be there, and nothing more. */
const LATECOMERS: readonly string[] = ['roomList', 'roomPayload', 'roomMemberList', 'contactList']
/** What can leave some out. */
const LISTS: readonly string[] = ['roomList', 'roomMemberList', 'contactList']
/** What can say far more than there is. */
const BOASTERS: readonly string[] = [
  ...['roomList', 'roomMemberList', 'contactList'],
  ...['roomPayload', 'contactPayload', 'roomMemberPayload'],
]
const EVENT_MODES = ['drop', 'duplicate', 'reorder', 'no-inviter', 'names-for-ids'] as const
const STREAM_MODES = ['freeze', 'refuse', 'drop', 'ghost', 'heartbeat-only', 'greeting-only'] as const
/** What an account is like after a start of the server, or after its login. */
const ACCOUNT_MODES = ['cold-start'] as const
const READY_MODES = ['late', 'twice', 'never'] as const
/** What lasts for as long as the fault stands, and so cannot be counted. */
const LASTING_MODES: readonly FaultMode[] = [
  ...(['freeze', 'heartbeat-only', 'greeting-only', 'cold-start'] as const),
  ...READY_MODES,
]
/** What is over after a while by itself, and how long that is when nobody says. */
const PASSING_MODES: Partial<Record<FaultMode, number>> = { 'cold-start': 12_000, late: 5_000, ghost: 8_000 }
const FAULT_FOR_MS_MAX = 600_000
const IDS_MAX = 10_000

export const FAULT_MODES = [
  'refuse',
  'hang',
  'done-but-timeout',
  'done-but-refused',
  'done-but-not',
  'empty-at-first',
  'short',
  'too-much',
  'drop',
  'duplicate',
  'reorder',
  'no-inviter',
  'names-for-ids',
  'freeze',
  'heartbeat-only',
  'greeting-only',
  'ghost',
  'cold-start',
  'late',
  'twice',
  'never',
] as const

/** How rooms answer that are not loaded yet. */
export const COLD_ROOMS = ['refuse', 'empty', 'hang'] as const

export type ColdRooms = (typeof COLD_ROOMS)[number]
export type ReadyMode = (typeof READY_MODES)[number]
export type CallMode = (typeof CALL_MODES)[number]
export type EventMode = (typeof EVENT_MODES)[number]
export type FaultMode = (typeof FAULT_MODES)[number]

const FAULT_TARGETS = [...PUPPET_CALL_NAMES, 'events', 'stream', 'account', 'ready'] as const
export type FaultTarget = (typeof FAULT_TARGETS)[number]

const FAULT_TIMES_MAX = 1_000_000

/** What `POST /faults` accepts, and `faults.add` too. */
export const FaultSchema = z
  .strictObject({
    on: z.enum(FAULT_TARGETS),
    mode: z.enum(FAULT_MODES),
    /** Left out: until the faults are cleared. */
    times: z.int().min(1).max(FAULT_TIMES_MAX).optional(),
    /** The wxid of the one bot that suffers; left out: all of them. */
    bot: z.string().min(1).optional(),
    /** How long a `cold-start` is cold, a `late` ready late, a `ghost` in the way. */
    forMs: z.int().min(1).max(FAULT_FOR_MS_MAX).optional(),
    /** How rooms answer in a `cold-start`. */
    rooms: z.enum(COLD_ROOMS).optional(),
    /** Whom a `short` list leaves out; left out: every second one. */
    without: z.array(z.string().min(1)).min(1).max(IDS_MAX).optional(),
  })
  .superRefine(({ on, mode, times, forMs, rooms, without }, context) => {
    const allowed = modesOn(on)
    if (!allowed.includes(mode)) {
      context.addIssue({
        code: 'custom',
        path: ['mode'],
        message: `用于 ${on} 时应为 ${allowed.join('、')} 之一 (expected on ${on}: one of ${allowed.join(', ')})`,
      })
    }
    if (LASTING_MODES.includes(mode) && times !== undefined) {
      context.addIssue({
        code: 'custom',
        path: ['times'],
        message: `不能计次, ${mode} 一直持续到 DELETE /faults (not counted: a ${mode} lasts until DELETE /faults)`,
      })
    }
    const misplaced = {
      ...(PASSING_MODES[mode] === undefined ? { forMs } : {}),
      ...(mode === 'cold-start' ? {} : { rooms }),
      ...(mode === 'short' ? {} : { without }),
    }
    for (const [field, value] of Object.entries(misplaced)) {
      if (value === undefined) continue
      context.addIssue({
        code: 'custom',
        path: [field],
        message: `${mode} 没有此项 (not for a ${mode})`,
      })
    }
  })
  // What was left to the fault is filled in, so that nobody downstream has to know it.
  .transform(fault => {
    const usual = PASSING_MODES[fault.mode]
    return usual === undefined || fault.forMs !== undefined ? fault : { ...fault, forMs: usual }
  })

export type FaultInput = z.input<typeof FaultSchema>

function modesOn(target: FaultTarget): readonly FaultMode[] {
  if (target === 'events') return EVENT_MODES
  if (target === 'stream') return STREAM_MODES
  if (target === 'account') return ACCOUNT_MODES
  if (target === 'ready') return READY_MODES
  return CALL_MODES.filter(mode => {
    if (mode === 'done-but-not') return LIARS.includes(target)
    if (mode === 'empty-at-first') return LATECOMERS.includes(target)
    if (mode === 'short') return LISTS.includes(target)
    if (mode === 'too-much') return BOASTERS.includes(target)
    return true
  })
}
