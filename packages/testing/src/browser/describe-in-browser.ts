import { describe } from 'vitest'
import { whyNoChromium } from './find-chromium.ts'

/** A suite that needs a browser. Where the machine has none, one line says that it was left out, and nothing fails. */
export function describeInBrowser(name: string, suite: () => void): void {
  const missing = whyNoChromium()
  if (missing !== null) console.info(`${name}: left out, for ${missing}`)
  describe.runIf(missing === null)(name, suite)
}
