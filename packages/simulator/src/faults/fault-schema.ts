import { z } from 'zod'
import { PUPPET_CALL_NAMES } from '../puppet-call-names.ts'

const CALL_MODES = [
  'refuse',
  'hang',
  'done-but-timeout',
  'done-but-refused',
  'done-but-not',
  'empty-at-first',
  'too-much',
] as const
/** What can be reported as done although it was not. */
const LIARS: readonly string[] = ['roomQuit', 'roomAdd']
/** What may still be loading after a login: it is known to be there, and nothing more. */
const LATECOMERS: readonly string[] = ['roomList', 'roomPayload', 'roomMemberList', 'contactList']
/** What can say far more than there is. */
const BOASTERS: readonly string[] = [
  ...['roomList', 'roomMemberList', 'contactList'],
  ...['roomPayload', 'contactPayload', 'roomMemberPayload'],
]
const EVENT_MODES = ['drop', 'duplicate', 'reorder', 'no-inviter', 'names-for-ids'] as const
const STREAM_MODES = ['freeze', 'refuse', 'drop', 'heartbeat-only', 'greeting-only'] as const
/** What lies on a stream for as long as the fault stands, and so cannot be counted. */
const LASTING_MODES: readonly FaultMode[] = ['freeze', 'heartbeat-only', 'greeting-only']

export const FAULT_MODES = [
  'refuse',
  'hang',
  'done-but-timeout',
  'done-but-refused',
  'done-but-not',
  'empty-at-first',
  'too-much',
  'drop',
  'duplicate',
  'reorder',
  'no-inviter',
  'names-for-ids',
  'freeze',
  'heartbeat-only',
  'greeting-only',
] as const

export type CallMode = (typeof CALL_MODES)[number]
export type EventMode = (typeof EVENT_MODES)[number]
export type FaultMode = (typeof FAULT_MODES)[number]

const FAULT_TARGETS = [...PUPPET_CALL_NAMES, 'events', 'stream'] as const
export type FaultTarget = (typeof FAULT_TARGETS)[number]

export const FAULT_TIMES_MAX = 1_000_000

/** What `POST /faults` accepts, and `faults.add` too. */
export const FaultSchema = z
  .strictObject({
    on: z.enum(FAULT_TARGETS),
    mode: z.enum(FAULT_MODES),
    /** Left out: until the faults are cleared. */
    times: z.int().min(1).max(FAULT_TIMES_MAX).optional(),
    /** The wxid of the one bot that suffers; left out: all of them. */
    bot: z.string().min(1).optional(),
  })
  .superRefine(({ on, mode, times }, context) => {
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
  })

export type FaultInput = z.input<typeof FaultSchema>

function modesOn(target: FaultTarget): readonly FaultMode[] {
  if (target === 'events') return EVENT_MODES
  if (target === 'stream') return STREAM_MODES
  return CALL_MODES.filter(mode => {
    if (mode === 'done-but-not') return LIARS.includes(target)
    if (mode === 'empty-at-first') return LATECOMERS.includes(target)
    if (mode === 'too-much') return BOASTERS.includes(target)
    return true
  })
}
