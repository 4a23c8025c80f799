import type { FastifyInstance } from 'fastify'
import { shareUnderWay } from '../system/ask-together.ts'

export interface HealthDeps {
  /** What keeps the gateway from serving now; empty when it is ready. Short words without detail: the probe is public. */
  readonly whatIsMissing: () => Promise<string[]>
}

/** `/health`: the process lives. `/ready`: it can serve. Neither needs a token nor tells details, and both answer to the end. */
export function healthRoutes(
  app: FastifyInstance,
  { whatIsMissing }: HealthDeps,
  isStopping: () => boolean,
): void {
  const config = { whileStopping: true }
  // However many ask at once, and anybody may, the store is asked once.
  const ask = shareUnderWay(whatIsMissing)
  app.get('/health', { config }, async () => ({ status: 'ok' }))
  app.get('/ready', { config }, async (_request, reply) => {
    const missing = isStopping() ? ['stopping'] : await ask()
    if (missing.length === 0) return { status: 'ready' }
    reply.code(503)
    return { status: 'not-ready', missing }
  })
}
