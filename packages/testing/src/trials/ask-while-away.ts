import type { ProvingGround } from '../grounds/open-proving-ground.ts'
import type { NodeProcess } from '../processes/node-process.ts'

/** Longer than any answer may take. */
const HANG_MS = 15_000

export interface Asked {
  readonly what: 'listByMember' | 'listByMHTag' | 'addMember' | 'ready'
  readonly ms: number
  /** `200 0`, `500 500`, or how the answer broke off. */
  readonly answer: string
  /** Neither when it was asked nor when it was answered was the database away, or had just come back. */
  readonly calm: boolean
  /** It was an addition, and WeCom had made it when the answer came. */
  readonly isDone: boolean
}

/** Asks the gateway, and holds every answer to what is documented. Each resolves with whether it was a success. */
export function askGateway(
  { world, bot, tokens }: ProvingGround,
  { baseUrl }: NodeProcess,
  problems: string[],
  hangMs = HANG_MS,
) {
  const asked: Asked[] = []
  const added = new Map<string, string>()
  let next = 0
  const nextToken = () => tokens[next++ % tokens.length]!
  const asker = {
    /** The database is there, and the gateway has recovered. */
    calm: true,
    asked: asked as readonly Asked[],
    list: () => ask('listByMHTag', `/room/listByMHTag?token=${nextToken()}`),
    listOf: (contactWxid: string) =>
      ask('listByMember', `/room/listByMember?${new URLSearchParams({ token: nextToken(), contactWxid })}`),
    async add(roomWxid: string) {
      const contactWxid = world.addContact({ friendOf: [bot.wxid] }).wxid
      const body = JSON.stringify({ token: nextToken(), botUserId: bot.userId, contactWxid, roomWxid })
      const isDone = () => world.rooms.get(roomWxid)!.members.has(contactWxid)
      const isAdded = await ask('addMember', '/room/addMember', { method: 'POST', body }, { isDone })
      if (isAdded) added.set(contactWxid, roomWxid)
      return isAdded
    },
    async ready(expected: 200 | 503) {
      await ask('ready', '/ready', {}, { ready: expected })
    },
    missingMembers: () =>
      [...added].flatMap(([contact, room]) =>
        world.rooms.get(room)!.members.has(contact)
          ? []
          : [`${contact} was answered to be in ${room}, and is not`],
      ),
  }

  async function ask(
    what: Asked['what'],
    path: string,
    init: RequestInit = {},
    { ready, isDone = () => false }: { ready?: 200 | 503; isDone?: () => boolean } = {},
  ) {
    const wasCalm = asker.calm
    const startedAt = performance.now()
    const note = (answer: string) => {
      const calm = wasCalm && asker.calm
      asked.push({ what, ms: performance.now() - startedAt, answer, calm, isDone: isDone() })
      return { calm }
    }
    try {
      const response = await fetch(baseUrl + path, { ...init, signal: AbortSignal.timeout(hangMs) })
      const body = JSON.parse(await response.text()) as Answer
      const { calm } = note(`${response.status} ${body.code ?? body.status}`)
      const fault = ready
        ? faultOfReady(response.status, body, ready)
        : faultOf(what, response.status, body, calm)
      if (fault) problems.push(`${what} answered ${response.status} ${JSON.stringify(body)}: ${fault}`)
      return response.status === 200 && body.code === 0
    } catch (failure) {
      const { name, message, cause } = failure as Error
      note(name)
      problems.push(`${what} was not answered: ${name} ${message} ${cause ?? ''}`)
      return false
    }
  }
  return asker
}

interface Answer {
  readonly code?: number
  readonly data?: unknown[]
  readonly status?: string
  readonly missing?: string[]
}

function faultOf(what: Asked['what'], status: number, { code, data }: Answer, calm: boolean): string | null {
  if (status === 200 && code === 0) return null
  if (calm) return 'nothing was away'
  const isList = what !== 'addMember'
  // Lists that wait for a database that hangs are a crowd (LT-7).
  if (status === 503) return isList ? null : 'not as documented'
  if (status === 500) return code === 500 && (!isList || data?.length === 0) ? null : 'not as documented'
  // The bot may be offline for a moment: its node has lost touch, or it has lost its stream.
  return status === 200 && !isList && [-5, -6, -7].includes(code!) ? null : 'not as documented'
}

function faultOfReady(status: number, { missing = [] }: Answer, expected: 200 | 503): string | null {
  if (status !== expected) return `expected ${expected}`
  return status === 503 && !missing.includes('store') ? 'the store is missing' : null
}
