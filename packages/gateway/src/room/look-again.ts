import { type Clock, sleep } from '../system/clock.ts'

const LOOKS_MAX = 3
const LOOK_AGAIN_MS = 200

/** WeCom answers before what was done is visible, so it is looked for more than once. Null when it is not seen at all. */
export async function lookAgain<T>(clock: Clock, look: () => Promise<T | null>): Promise<T | null> {
  for (let looks = 1; looks < LOOKS_MAX; looks++) {
    const seen = await look()
    if (seen !== null) return seen
    await sleep(clock, LOOK_AGAIN_MS)
  }
  return look()
}
