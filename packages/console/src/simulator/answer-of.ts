import type { Endpoint, SimulatedFault } from '@qunhub/wire'

/** What the next call of an endpoint is answered while the fault is there; undefined where what happens is no answer. */
export function answerOf(
  { answers }: SimulatedFault,
  endpoints: readonly Endpoint[],
): { readonly name: string; readonly code: number } | undefined {
  const endpoint = endpoints.find(({ path }) => path === answers?.path)
  if (!answers || !endpoint) return undefined
  const { name, refusals } = endpoint
  const code = answers.word === 'done' ? 0 : refusals[answers.word]?.code
  return code === undefined ? undefined : { name, code }
}
