import type { z } from 'zod'
import { FaultSchema } from '../faults/fault-schema.ts'
import type { Faults } from '../faults/faults.ts'
import type { AskedCalls } from '../puppet/asked-calls.ts'
import { SCENES } from '../scenes/scenes.ts'
import type { Storm } from '../storm.ts'
import { botThatKnows } from '../world/say.ts'
import type { World } from '../world/world.ts'
import * as schemas from './control-schemas.ts'

export interface ControlParts {
  world: World
  faults: Faults
  asked: AskedCalls
  storm: Storm
  endpoint: () => string
  restartServer: (options: { downMs: number }) => Promise<void>
  /** What an answer has to wait for, so that what it speaks of outlives the process; null: nothing. */
  saving: () => Promise<void> | null
  log: (line: string) => void
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Segments that begin with a colon are ids, handed over in order. */
  readonly path: string
  /** Carries the request out and says what the caller gets. */
  readonly run: (body: unknown, ids: string[], parts: ControlParts) => object
}

const OK = { ok: true }

/** The whole control API, in the order of its documentation. */
export const ROUTES: readonly Route[] = [
  route('GET', '/health', schemas.NoBody, (_body, _ids, { endpoint }) => ({ ...OK, endpoint: endpoint() })),
  route('GET', '/scenes', schemas.NoBody, () => SCENES.map(({ name, about }) => ({ name, about }))),
  route('GET', '/world', schemas.NoBody, (_body, _ids, { world }) => world.snapshot()),

  // As discovery authorities answer: where the puppet service of a token is.
  route('GET', '/v0/hosties/:token', schemas.NoBody, (_body, [token = ''], { world, endpoint }) => {
    const port = Number(endpoint().split(':').at(-1))
    const isKnown = world.snapshot().bots.some(bot => bot.token === token)
    return isKnown ? { ip: '127.0.0.1', port } : { ip: '0.0.0.0', port: 0 }
  }),
  route('POST', '/bots', schemas.NewBotBody, (asked, _ids, { world, endpoint }) => {
    const { wxid, token } = world.addBot(given(asked))
    return { wxid, token, endpoint: endpoint() }
  }),
  route('POST', '/bots/:wxid/state', schemas.BotStateBody, ({ state }, [wxid = ''], { world }) => {
    world.setBotState(wxid, state)
    return OK
  }),

  route('GET', '/bots/:wxid/asked', schemas.NoBody, (_body, [wxid = ''], { world, asked }) =>
    asked.of(world.bot(wxid).wxid),
  ),

  route('POST', '/bots/:wxid/scan', schemas.ScanBody, ({ status, qrcode }, [wxid = ''], { world }) => {
    world.takeScanStep(wxid, status, qrcode)
    return OK
  }),

  route(
    'POST',
    '/bots/:wxid/verification',
    schemas.VerificationBody,
    ({ by, status }, [wxid = ''], { world }) => {
      if (by !== undefined) world.askToVerify(wxid, by)
      if (status !== undefined) world.verify(wxid, status)
      return OK
    },
  ),

  route('POST', '/contacts', schemas.NewContactBody, ({ kind, friendOf = [], ...asked }, _ids, { world }) => {
    for (const bot of friendOf) world.bot(bot)
    const { wxid } =
      kind === 'coworker' ? world.addCoworker(given(asked)) : world.addContact({ ...given(asked), kind })
    for (const bot of friendOf) world.setFriendship(bot, wxid, true)
    return { wxid }
  }),
  route('PATCH', '/contacts/:wxid', schemas.ChangedContactBody, ({ name, alias }, [wxid = ''], { world }) => {
    world.person(wxid)
    if (name !== undefined) world.renameContact(wxid, name)
    if (alias !== undefined) world.setRemark(wxid, alias)
    return OK
  }),
  route(
    'POST',
    '/friendships',
    schemas.FriendshipBody,
    ({ botWxid, contactWxid, friend }, _ids, { world }) => {
      world.setFriendship(botWxid, contactWxid, friend)
      return OK
    },
  ),

  route('POST', '/rooms', schemas.NewRoomBody, (asked, _ids, { world }) => ({
    wxid: world.addRoom(given(asked)).wxid,
  })),
  route('PATCH', '/rooms/:wxid', schemas.ChangedRoomBody, ({ topic, ownerId }, [wxid = ''], { world }) => {
    // Both or neither: the owner is looked up before the topic changes.
    if (ownerId !== undefined) world.memberOf(world.room(wxid), ownerId)
    if (topic !== undefined) world.setTopic(wxid, topic)
    if (ownerId !== undefined) world.setOwner(wxid, ownerId)
    return OK
  }),
  route('POST', '/rooms/:wxid/members', schemas.NewMemberBody, ({ wxid, by }, [room = ''], { world }) => {
    world.join(room, wxid, by)
    return OK
  }),
  route(
    'PATCH',
    '/rooms/:wxid/members/:wxid',
    schemas.ChangedMemberBody,
    ({ alias }, [room = '', wxid = ''], { world }) => {
      world.setAlias(room, wxid, alias)
      return OK
    },
  ),
  route(
    'DELETE',
    '/rooms/:wxid/members/:wxid',
    schemas.LeavingBody,
    (body, [room = '', wxid = ''], { world }) => {
      world.leave(room, wxid, body?.by)
      return OK
    },
  ),

  route(
    'POST',
    '/rooms/:wxid/messages',
    schemas.RoomMessageBody,
    ({ from, text }, [room = ''], { world }) => ({
      id: world.say(from, world.room(room).wxid, text).id,
    }),
  ),
  route(
    'POST',
    '/contacts/:wxid/messages',
    schemas.ContactMessageBody,
    ({ to, text }, [from = ''], { world }) => ({
      id: world.say(from, to === undefined ? botThatKnows(world, from) : world.bot(to).wxid, text).id,
    }),
  ),

  route('POST', '/invitations/:id/accept', schemas.NoBody, (_body, [id = ''], { world }) => {
    world.acceptInvitation(id)
    return OK
  }),
  route('POST', '/invitations/:id/decline', schemas.NoBody, (_body, [id = ''], { world }) => {
    world.declineInvitation(id)
    return OK
  }),

  route('GET', '/faults', schemas.NoBody, (_body, _ids, { faults }) => faults.list()),
  route('POST', '/faults', FaultSchema, (fault, _ids, { world, faults }) => {
    if (fault.bot !== undefined) world.bot(fault.bot)
    faults.add(fault)
    return OK
  }),
  route('DELETE', '/faults', schemas.NoBody, (_body, _ids, { faults }) => {
    faults.clear()
    return OK
  }),

  route('GET', '/storm', schemas.NoBody, (_body, _ids, { storm }) => storm.state),
  route('POST', '/storm', schemas.StormBody, (wish, _ids, { storm }) => {
    storm.begin(wish)
    return OK
  }),
  route('DELETE', '/storm', schemas.NoBody, (_body, _ids, { storm }) => {
    storm.end()
    return OK
  }),

  route('POST', '/server/restart', schemas.RestartBody, ({ downMs }, _ids, { restartServer, log }) => {
    // The answer leaves when the server is down, not when it is back: that is what the caller wants to watch.
    restartServer({ downMs }).catch(error => log(`the puppet server did not come back: ${String(error)}`))
    return OK
  }),
]

function route<Schema extends z.ZodType>(
  method: Route['method'],
  path: string,
  schema: Schema,
  run: (body: z.output<Schema>, ids: string[], parts: ControlParts) => object,
): Route {
  return { method, path, run: (body, ids, parts) => run(schema.parse(body), ids, parts) }
}

type Given<T> = { [Key in keyof T]: Exclude<T[Key], undefined> }

/** What was left out stays out: zod says `undefined` where the world distinguishes "absent". */
function given<T extends object>(asked: T): Given<T> {
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined)) as Given<T>
}
