/** The simulator as operators' verbs move it: ids in, what came of it out; no token of it leaves. */
import { type Faults, TooManyFaults, UnknownId, WeComRefused, type World } from '@qunhub/simulator'
import { type Moved, simulatedFaults } from '@qunhub/wire'
import { done, type Result, refuse } from '../../model/result.ts'
import type { SimulatedWorld } from '../../operator/simulator.ts'

type FaultName = keyof typeof simulatedFaults

/** Cards are shown newest first, and no more than these. */
const CARDS_SHOWN_MAX = 50

export function simulatedWorld(world: World, faults: Faults): SimulatedWorld {
  /** Carries it out, or says in which of two ways it cannot be. */
  const move = (room: string | null, work: () => void): Result<Moved, 'world-unknown' | 'world-refused'> => {
    const at = world.clock.now()
    try {
      work()
    } catch (failure) {
      if (failure instanceof UnknownId) return refuse('world-unknown', failure.id)
      if (failure instanceof WeComRefused) return refuse('world-refused', failure.message)
      throw failure
    }
    return done({ at, room })
  }
  return {
    show({ find = '', room, limit }) {
      const named = room === undefined ? undefined : world.rooms.get(room)
      if (room !== undefined && !named) return refuse('world-unknown', room)
      const fits = (...texts: readonly string[]) => find === '' || texts.some(text => text.includes(find))
      const rooms = firstOf(world.rooms.values(), limit, ({ wxid, topic }) => fits(wxid, topic))
      const contacts = firstOf(world.contacts.values(), limit, ({ wxid, name }) => fits(wxid, name))
      return done({
        accounts: [...world.bots.values()].slice(0, limit).map(({ wxid, userId, nickName, state }) => ({
          ...{ wxid, userId, name: nickName, state },
        })),
        rooms: rooms.first.map(({ wxid, topic, external, ownerId, members }) => ({
          ...{ wxid, topic, external, owner: world.nameOf(ownerId), memberCount: members.size },
        })),
        contacts: contacts.first.map(({ wxid, name, kind }) => ({
          wxid,
          name,
          coworker: kind === 'coworker',
        })),
        cards: pendingCards(world),
        faults: faults
          .list()
          .map(({ on, mode, times }) => ({ name: nameOfFault(on, mode), on, mode, times })),
        members: named
          ? [...named.members.keys()].map(wxid => ({
              ...{ wxid, name: world.nameOf(wxid) },
              ...{ isAccount: world.bots.has(wxid), isOwner: wxid === named.ownerId },
            }))
          : null,
        more: rooms.more || contacts.more || world.bots.size > limit,
      })
    },
    join: ({ room, contact }) => move(room, () => world.join(room, contact)),
    leave: ({ room, contact }) => move(room, () => world.leave(room, contact)),
    answerCard: ({ card, answer }) =>
      move(world.invitations.get(card)?.roomWxid ?? null, () =>
        answer === 'accept' ? world.acceptInvitation(card) : world.declineInvitation(card),
      ),
    crowd: ({ room, members }) => move(room, () => void world.fillRoom(room, members)),
    say: ({ room, from, text }) => move(room, () => void world.say(from, world.room(room).wxid, text)),
    setAccount: ({ account, to }) =>
      move(null, () => {
        if (to !== 'scanned') return world.setBotState(account, to)
        world.takeScanStep(account, 'scanned')
        world.takeScanStep(account, 'confirmed')
      }),
    breakDown({ fault, times }) {
      const { on, mode, lasting } = lookUp(fault)
      if (lasting && times !== undefined) return refuse('fault-uncounted')
      try {
        return move(
          null,
          () => void faults.add({ on, mode, ...(times === undefined ? {} : { times }) } as FaultAsked),
        )
      } catch (failure) {
        if (failure instanceof TooManyFaults) return refuse('faults-full')
        throw failure
      }
    },
    mend() {
      faults.clear()
      return done({ at: world.clock.now(), room: null })
    },
  }
}

type FaultAsked = Parameters<Faults['add']>[0]

const lookUp = (name: FaultName): { on: string; mode: string; lasting?: boolean } => simulatedFaults[name]

const nameOfFault = (on: string, mode: string): FaultName | null =>
  (Object.keys(simulatedFaults) as FaultName[]).find(name => {
    const fault = lookUp(name)
    return fault.on === on && fault.mode === mode
  }) ?? null

/** Of a world with ten thousand rooms no more is walked through than is shown, where that is found early. */
function firstOf<T>(
  all: Iterable<T>,
  limit: number,
  fits: (each: T) => boolean,
): { first: T[]; more: boolean } {
  const first: T[] = []
  for (const each of all) {
    if (!fits(each)) continue
    if (first.length === limit) return { first, more: true }
    first.push(each)
  }
  return { first, more: false }
}

const pendingCards = (world: World) =>
  [...world.invitations.values()]
    .filter(({ state }) => state === 'pending')
    .slice(-CARDS_SHOWN_MAX)
    .reverse()
    .map(({ id, roomWxid, contactWxid, botWxid }) => ({
      ...{ id, room: roomWxid, topic: world.rooms.get(roomWxid)?.topic ?? '' },
      ...{ contact: world.nameOf(contactWxid), account: world.nameOf(botWxid) },
    }))
