import type { FastifyInstance } from 'fastify'

export interface HealthDeps {
  /** What keeps the gateway from serving now; empty when it is ready. Short words without detail: the probe is public. */
  readonly whatIsMissing: () => Promise<string[]>
}

/** `/health`: the process lives. `/ready`: it can serve. Neither needs a token nor tells details. */
export function healthRoutes(app: FastifyInstance, { whatIsMissing }: HealthDeps): void {
  app.get('/health', async () => ({ status: 'ok' }))
  app.get('/ready', async (_request, reply) => {
    const missing = await whatIsMissing()
    if (missing.length === 0) return { status: 'ready' }
    reply.code(503)
    return { status: 'not-ready', missing }
  })
}
