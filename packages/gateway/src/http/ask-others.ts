import { OperatorReply } from '@qunhub/wire'
import type { Membership } from '../node/membership.ts'
import { type Clock, SECOND_MS, sleep } from '../system/clock.ts'
import type { PeerAsk, Peers } from './ask-peer.ts'

/** Who asks wants to see what there is now; a node that takes longer is shown as the store knows it. */
export const OTHERS_WAIT_MAX_MS = 2 * SECOND_MS
/**
 * A bot takes 0.4 to 0.8 KB in a list, so this is ten thousand bots of one workspace on one node: ten times what a node
 * is measured with (BOT-220). Who asks for the list is about to hold as much of his own.
 */
const ANSWER_BYTES_MAX = 8 * 1024 * 1024

export interface AskOthersDeps {
  readonly peers: Pick<Peers, 'ask'>
  readonly membership: Pick<Membership, 'id' | 'nodes'>
  readonly clock: Clock
}

/** Asks every other node the same, all at once. Those that do not answer in time, or not at all, are left out. */
export async function askOthers(
  { peers, membership, clock }: AskOthersDeps,
  ask: Omit<PeerAsk, 'answerBytesMax'>,
): Promise<OperatorReply[]> {
  const longer = { ...ask, answerBytesMax: ANSWER_BYTES_MAX }
  const enough = new AbortController()
  const tooLate = sleep(clock, OTHERS_WAIT_MAX_MS, enough.signal).then(() => null)
  const others = membership.nodes.flatMap(({ id, address }) =>
    id !== membership.id && address !== null ? [{ id, address }] : [],
  )
  const answers = await Promise.all(others.map(peer => Promise.race([peers.ask(peer, longer), tooLate])))
  enough.abort()
  return answers.flatMap(answer =>
    answer?.heard === 'answer' ? [OperatorReply.parse(JSON.parse(answer.bytes.toString()))] : [],
  )
}
