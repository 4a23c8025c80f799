import { done } from '../model/result.ts'
import { botsOfNodes } from '../store/bots/claim-bots.ts'
import { listNodes } from '../store/bots/nodes.ts'
import type { Verbs } from './verb.ts'

export const nodeVerbs = {
  /** The longest there first. Where no gateway runs, those are listed that have not said goodbye. */
  'list-nodes': async (_asked, { db, live }) => {
    const [nodes, bots] = await Promise.all([listNodes(db), botsOfNodes(db)])
    return done({
      live: live !== null,
      nodes: nodes.map(({ id, address, attending }) => ({
        id,
        address,
        bots: bots.get(id) ?? 0,
        isThis: id === live?.nodeId(),
        connected: live !== null && attending,
      })),
      free: bots.get(null) ?? 0,
    })
  },
} satisfies Verbs
