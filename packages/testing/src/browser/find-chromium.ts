import { type Chromium, unpackChromium } from './unpack-chromium.ts'

/** A browser of one's own, in place of the one that npm brings. */
const OWN_CHROMIUM = 'CHROMIUM_PATH'

/** Why there is no browser on this machine, or null where there is one. */
export function whyNoChromium(
  env = process.env,
  machine = `${process.platform}-${process.arch}`,
): string | null {
  if (env[OWN_CHROMIUM] || machine === 'linux-x64') return null
  return `npm brings no Chromium for ${machine}; set ${OWN_CHROMIUM} to one`
}

/** The browser that was chosen, else npm's. */
export async function findChromium(env = process.env): Promise<Chromium> {
  const own = env[OWN_CHROMIUM]
  return own ? { program: own, env: env as Record<string, string> } : unpackChromium()
}
