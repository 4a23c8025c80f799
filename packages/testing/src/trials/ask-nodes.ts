import { addMember, create } from '@qunhub/wire'
import type { ProvingGround } from '../grounds/open-proving-ground.ts'
import type { NodeProcess } from '../processes/node-process.ts'

/** Longer than any answer may take; who waits so long was forgotten. */
const HANG_MS = 30_000

export interface Answered {
  readonly verb: 'create' | 'addMember'
  /** `ended`: the node that was asked was killed, or not there. `stopping`: it said that it stops. */
  readonly how: 'success' | 'refused' | 'stopping' | 'ended'
  readonly code: number | null
  readonly ms: number
}

export interface NodeAsker {
  /** POST /room/create for a room of a name that no other request uses. */
  create(node: NodeProcess): Promise<void>
  /** POST /room/addMember for a friend of the bot that no other request adds. */
  add(node: NodeProcess, roomWxid: string): Promise<void>
  readonly answers: readonly Answered[]
  /** Holds the world to what was answered. Returns how many rooms stand although nobody was told. */
  settle(): number
}

const offline = (refusals: { 'bot-offline': { code: number } }) => refusals['bot-offline'].code
/** What an endpoint may answer while nobody runs the bot, or somebody who is about to end. */
const FITTING_CODES = {
  create: [
    offline(create.refusals),
    create.refusals['contact-load-failed'].code,
    create.refusals['create-failed'].code,
  ],
  addMember: [
    offline(addMember.refusals),
    addMember.refusals['room-load-failed'].code,
    addMember.refusals['add-failed'].code,
  ],
}

/**
 * Asks nodes that come and go. A node that is up answers with success or the endpoint's own fitting refusal; only one
 * that was killed, or stops, may do otherwise. Whatever else happens is noted as a problem.
 */
export function askNodes({ world, bot, tokens }: ProvingGround, problems: string[]): NodeAsker {
  const guests = [0, 1].map(() => world.addContact({ friendOf: [bot.wxid] }).wxid)
  const answers: Answered[] = []
  const names = new Map<string, Answered>()
  let creations = 0
  const additions = new Map<string, { roomWxid: string; answered: Answered }>()

  async function ask(node: NodeProcess, verb: Answered['verb'], body: object): Promise<Answered> {
    const wasUp = node.isUp
    const startedAt = performance.now()
    const answered = (how: Answered['how'], code: number | null = null): Answered => {
      const answer = { verb, how, code, ms: performance.now() - startedAt }
      answers.push(answer)
      return answer
    }
    let status: number
    let text: string
    try {
      const answer = await fetch(`${node.baseUrl}/room/${verb}`, {
        method: 'POST',
        body: JSON.stringify({ token: tokens[0], botUserId: bot.userId, ...body }),
        signal: AbortSignal.timeout(HANG_MS),
      })
      status = answer.status
      text = await answer.text()
    } catch (failure) {
      const ended = answered('ended')
      if ((wasUp && node.isUp) || ended.ms >= HANG_MS)
        problems.push(
          `${verb} was not answered within ${Math.round(ended.ms)} ms: ${(failure as Error).cause ?? failure}`,
        )
      return ended
    }
    if (status === 503 && !(wasUp && node.isUp)) return answered('stopping')
    const { code, errcode = code } = JSON.parse(text) as { code?: number; errcode?: number }
    if (status === 200 && errcode === 0) return answered('success', 0)
    if (status !== 200 || !FITTING_CODES[verb].includes(errcode!))
      problems.push(`${verb} answered ${status} ${text}`)
    return answered('refused', errcode)
  }

  return {
    answers,
    async create(node) {
      // Counted: two requests of one millisecond must not share a name, or one room each looks like two for one.
      const name = `新群-${++creations}`
      names.set(name, await ask(node, 'create', { wxids: guests, userIds: [], unionIds: [], name }))
    },
    async add(node, roomWxid) {
      const contactWxid = world.addContact({ friendOf: [bot.wxid] }).wxid
      additions.set(contactWxid, {
        roomWxid,
        answered: await ask(node, 'addMember', { contactWxid, roomWxid }),
      })
    },
    settle() {
      let unsaid = 0
      for (const [name, { how }] of names) {
        const made = [...world.rooms.values()].filter(({ topic }) => topic === name).length
        if (made > 1) problems.push(`${name} was created ${made} times`)
        if (made === 0 && how === 'success') problems.push(`${name} was answered, and does not exist`)
        if (made === 1 && how !== 'success') unsaid++
      }
      for (const [contactWxid, { roomWxid, answered }] of additions) {
        if (answered.how === 'success' && !world.rooms.get(roomWxid)!.members.has(contactWxid))
          problems.push(`${contactWxid} was answered to be in ${roomWxid}, and is not`)
      }
      return unsaid
    },
  }
}
