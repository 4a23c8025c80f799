/**
 * One line an answer: the route, never the URL, for a token may stand in its query (G-9); its code, whose it was, and which bot
 * was meant, so that the log says why somebody was refused (G-13). Lists that are answered, probes and the like are debug
 * lines. Of requests without a valid token, which anybody may send as fast as he likes, some are told and the others counted.
 */
import type { BotId, PersonId, UserId, WorkspaceId } from '@qunhub/wire'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Clock, MINUTE_MS } from '../system/clock.ts'
import type { Log } from '../system/log.ts'
import { codeOf } from './count-answers.ts'
import { waitedForTurn } from './take-turns.ts'

/** Lines about strangers in a minute. */
const STRANGERS_PER_MINUTE_MAX = 10

/** What is found out about a request on its way. */
export interface RequestFacts {
  workspace?: WorkspaceId
  /** Of the API; not for the log. */
  tokenId?: string
  /** Who is signed in at the console. */
  person?: PersonId
  /** As it was asked for. */
  userId?: UserId
  /** Where exactly one is meant and it runs here. */
  bot?: BotId
}

declare module 'fastify' {
  interface FastifyRequest {
    facts: RequestFacts
  }
}

export function logAnswers(app: FastifyInstance, { log }: { log: Log }, mayTell: MayTell): void {
  app.addHook('onRequest', (request, _reply, done) => {
    request.facts = {}
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    const facts = factsOf(request, reply)
    const isRefused = facts.code !== undefined && facts.code !== 0
    if (request.method !== 'POST' && !isRefused) log.debug(facts, 'answered')
    else if (request.facts.workspace || request.facts.person) log.info(facts, 'answered')
    else {
      const { isTold, untold } = mayTell()
      if (isTold) log.info(untold > 0 ? { ...facts, untoldBefore: untold } : facts, 'answered')
      else log.debug(facts, 'answered')
    }
    done()
  })
}

function factsOf(request: FastifyRequest, reply: FastifyReply) {
  const code = codeOf(request, reply)
  const { tokenId: _, ...facts } = request.facts
  return {
    request: request.id,
    method: request.method,
    route: request.routeOptions.url ?? 'unknown',
    status: reply.statusCode,
    ...(code === 'none' ? {} : { code }),
    ...facts,
    ms: Math.round(reply.elapsedTime + waitedForTurn(request.raw)),
  }
}

/** Whether a stranger's request is told of, and how many were left out since the last one. */
export type MayTell = () => { readonly isTold: boolean; readonly untold: number }

/** So many in a minute, of all the port's apps together. */
export function sampled(clock: Clock): MayTell {
  let since = Number.NEGATIVE_INFINITY
  let told = 0
  let untold = 0
  return () => {
    const now = clock.now()
    // A clock that was set back does not silence anybody.
    if (now >= since + MINUTE_MS || now < since) {
      since = now
      told = 0
    }
    if (told >= STRANGERS_PER_MINUTE_MAX) {
      untold++
      return { isTold: false, untold }
    }
    told++
    const before = untold
    untold = 0
    return { isTold: true, untold: before }
  }
}
