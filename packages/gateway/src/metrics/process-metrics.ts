import { collectDefaultMetrics, Registry } from 'prom-client'

let registry: Registry | null = null

/**
 * Memory, CPU, the event loop and the like. They are facts of the process, however many gateways it runs, and what
 * watches them cannot be ended: so they are begun once, when somebody asks first.
 */
export function processMetrics(): Registry {
  if (registry) return registry
  registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'qunhub_' })
  return registry
}
