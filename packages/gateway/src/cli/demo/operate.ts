import type { VerbAsk, VerbName, VerbOutput } from '@qunhub/wire'
import type { Gateway } from '../../gateway.ts'
import { runVerb } from '../../operator/run-verb.ts'

/** The demo asks only what it has made sure of, so a refusal is a fault of ours. */
export async function operate<N extends VerbName>(
  gateway: Gateway,
  verb: N,
  ask: VerbAsk<N>,
): Promise<VerbOutput<N>> {
  const reply = await runVerb(verb, ask, gateway.operator)
  if (!reply.ok) throw new Error(`${verb}: ${reply.message}`)
  return reply.value as VerbOutput<N>
}
