/** RFC 7240: how long a caller wants to wait for a verified answer. What is not understood is passed over, as it says. */

const WAIT_SECONDS_MAX = 30
const WAIT_SECONDS_DEFAULT = 10
const PREFERENCE_SEPARATOR = /[,;]/
const WAIT = /^wait(?:\s*=\s*"?(\d{1,9})"?)?$/i

/** Seconds, 1 to 30; undefined where the header asks for no waiting. */
export function waitSecondsIn(prefer: string | string[] | undefined): number | undefined {
  const wait = [prefer ?? []]
    .flat()
    .join()
    .split(PREFERENCE_SEPARATOR)
    .map(preference => WAIT.exec(preference.trim()))
    .find(found => found !== null)
  if (!wait) return undefined
  const seconds = wait[1] === undefined ? WAIT_SECONDS_DEFAULT : Number(wait[1])
  return seconds === 0 ? undefined : Math.min(seconds, WAIT_SECONDS_MAX)
}

/** As it is sent to a peer, and as it is said to have been applied. */
export const waitPreference = (seconds: number): string => `wait=${seconds}`
