import { type grpc, puppet } from '@juzi/wechaty-grpc'
import type { Faults, StruckCall } from '../faults/faults.ts'
import { PUPPET_CALL_NAMES, type PuppetCallName } from '../puppet-call-names.ts'
import { UnknownId, WeComRefused } from '../world/refused.ts'
import type { World } from '../world/world.ts'
import type { Bot, Wxid } from '../world/world-state.ts'
import { accountCalls } from './account-calls.ts'
import type { AccountStarts } from './account-starts.ts'
import type { AskedCalls } from './asked-calls.ts'
import { boast } from './boast.ts'
import type { BotSessions } from './bot-sessions.ts'
import { contactCalls } from './contact-calls.ts'
import type { EventCall } from './event-stream.ts'
import { type KeptPayloads, NOTHING_KEPT } from './kept-payloads.ts'
import type { LeftRooms } from './left-rooms.ts'
import { messageCalls } from './message-calls.ts'
import { answerWhileLoading, type ColdAnswer, coldAnswer } from './not-loaded.ts'
import type { PuppetCall } from './puppet-call.ts'
import { type PuppetError, refused, unauthenticated, unavailable } from './puppet-error.ts'
import type { PuppetEvent } from './puppet-events.ts'
import { roomCalls } from './room-calls.ts'
import { roomMemberCalls } from './room-member-calls.ts'
import { shorten } from './short-list.ts'
import { tokenOfCall } from './token-of-call.ts'

const CALLS: Record<PuppetCallName, PuppetCall> = {
  ...accountCalls,
  ...contactCalls,
  ...messageCalls,
  ...roomCalls,
  ...roomMemberCalls,
}

export interface ServiceParts {
  world: World
  faults: Faults
  asked: AskedCalls
  sessions: BotSessions
  starts: AccountStarts
  kept: { of(bot: Wxid): KeptPayloads }
  leftRooms: LeftRooms
  saving: () => Promise<void> | null
  log: (line: string) => void
}

type UnaryCall = grpc.ServerUnaryCall<never, object>
type Reply = grpc.sendUnaryData<object>
type Handler = (call: UnaryCall, reply: Reply) => void

/** Everything the gRPC server serves. A protocol method that is not in here answers UNIMPLEMENTED by itself. */
export function puppetService(parts: ServiceParts): grpc.UntypedServiceImplementation {
  const handlers: Record<string, Handler | ((call: EventCall) => void)> = {
    event: (call: EventCall) => openStream(parts, call),
  }
  for (const name of PUPPET_CALL_NAMES)
    handlers[name] = (call: UnaryCall, reply: Reply) => answerCall(parts, name, call, reply)
  return handlers as grpc.UntypedServiceImplementation
}

function openStream({ world, asked, sessions, log }: ServiceParts, call: EventCall): void {
  const bot = world.botOfToken(tokenOfCall(call))
  if (bot) asked.note(bot.wxid, 'event')
  const error = bot ? (refusalFor(bot) ?? sessions.open(bot, call)) : unauthenticated()
  log(`event stream ${bot?.userId ?? '?'}: ${error?.details ?? 'open'}`)
  if (error) call.emit('error', error)
}

function answerCall(parts: ServiceParts, name: PuppetCallName, call: UnaryCall, reply: Reply): void {
  const { world, faults, asked, log } = parts
  const bot = world.botOfToken(tokenOfCall(call))
  if (bot) asked.note(bot.wxid, name)
  const struck = bot && bot.state !== 'offline' ? faults.strikeCall(name, bot.wxid) : null
  if (struck) log(`${name}: fault ${struck.mode}`)

  const answer = bot ? answerFor(parts, bot, name, call.request, struck) : unauthenticated()
  // Never answered: gRPC forgets the call when the client cancels it or the server dies.
  if (answer === NO_ANSWER) return
  const send = () => ('code' in answer ? reply(answer) : reply(null, answer.response))
  const notSaved = (error: unknown) => {
    log(String(error))
    reply(refused('已生效,但未能保存 (done, but it could not be saved)'))
  }
  const saving = parts.saving()
  if (saving) saving.then(send, notSaved)
  else send()
}

const NO_ANSWER = 'no-answer'
type Answer = PuppetError | { response: object }

function answerFor(
  parts: ServiceParts,
  bot: Bot,
  name: PuppetCallName,
  request: never,
  struck: StruckCall | null,
): Answer | typeof NO_ANSWER {
  const refusal = refusalFor(bot)
  if (refusal) return refusal

  if (!struck) {
    const coldness = parts.starts.coldness(bot.wxid)
    const cold = coldness && bot.state === 'online' ? coldAnswer(name, request, bot, coldness) : null
    return cold ? answerCold(name, request, cold) : perform(parts, bot, CALLS[name], request)
  }
  switch (struck.mode) {
    case 'refuse':
      return refused(`simulated fault: ${name} refused`)
    case 'hang':
      return NO_ANSWER
    case 'done-but-timeout':
      perform(parts, bot, CALLS[name], request)
      return NO_ANSWER
    case 'done-but-refused':
      perform(parts, bot, CALLS[name], request)
      return refused(`simulated fault: ${name} timed out inside the puppet`)
    case 'done-but-not':
      return { response: lie(name) }
    case 'empty-at-first':
      return { response: answerWhileLoading(name, request) }
    case 'short': {
      const answer = perform(parts, bot, CALLS[name], request)
      if ('response' in answer) shorten(name, answer.response, struck.without)
      return answer
    }
    case 'too-much': {
      // What is kept stays as it was.
      const answer = perform({ ...parts, kept: NOTHING_KEPT }, bot, CALLS[name], request)
      if ('response' in answer) boast(answer.response)
      return answer
    }
    default:
      return struck.mode satisfies never
  }
}

function answerCold(name: PuppetCallName, request: never, cold: ColdAnswer): Answer | typeof NO_ANSWER {
  switch (cold) {
    case 'empty':
      return { response: answerWhileLoading(name, request) }
    case 'refuse':
      return refused(`simulated fault: ${name} of an account that is still loading`)
    case 'hang':
      return NO_ANSWER
    default:
      return cold satisfies never
  }
}

/** The answers of those who can be asked to lie say nothing, so nothing is easy to say. */
const lie = (name: PuppetCallName): object => {
  if (name === 'roomAdd') return new puppet.RoomAddResponse()
  return name === 'roomAddV2' ? new puppet.RoomAddV2Response() : new puppet.RoomQuitResponse()
}

/** Does what the call asks, and turns what stood against it into a gRPC error. */
function perform(
  { world, sessions, kept, leftRooms, log }: ServiceParts,
  bot: Bot,
  call: PuppetCall,
  request: never,
): Answer {
  try {
    if (call.needsLogin && bot.state !== 'online') throw new WeComRefused('not-logged-in')
    const tell = (event: PuppetEvent) => sessions.tell(bot.wxid, event)
    const readRoom = (wxid: Wxid) => leftRooms.read(bot, wxid)
    return { response: call.answer(request, { world, bot, kept: kept.of(bot.wxid), readRoom, tell }) }
  } catch (error) {
    if (error instanceof WeComRefused || error instanceof UnknownId) return refused(error.message)
    // A fault of the simulator itself: the caller gets an error instead of waiting, and the log gets the rest.
    log(`unexpected: ${error instanceof Error ? error.stack : String(error)}`)
    return refused('simulator error')
  }
}

const refusalFor = (bot: Bot): PuppetError | null =>
  bot.state === 'offline' ? unavailable('账号离线 (the account is offline)') : null
