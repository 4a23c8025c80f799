/**
 * `npm run screenshots`: every page of the console in Chinese and English, light and dark, on a laptop and on a phone, written to
 * `screenshots/`, which git does not keep: to be looked at. `npm run screenshots -- zh-CN-dark-390` writes those alone.
 */
import { mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { consolePages } from '../packages/testing/src/browser/console-pages.ts'
import { openConsoleWorld, PLAIN_WORDS } from '../packages/testing/src/browser/console-world.ts'
import { whyNoChromium } from '../packages/testing/src/browser/find-chromium.ts'
import { buildConsole, openConsole, settled } from '../packages/testing/src/browser/open-console.ts'

const folder = resolve(import.meta.dirname, '../screenshots')
const missing = whyNoChromium()
if (missing !== null) throw new Error(missing)

const wanted = process.argv.slice(2)
const ways = (['zh-CN', 'en-US'] as const)
  .flatMap(locale =>
    (['light', 'dark'] as const).flatMap(colorScheme =>
      [1280, 390].map(width => ({
        ...{ locale, colorScheme, width },
        named: [locale, colorScheme, width].join('-'),
      })),
    ),
  )
  .filter(({ named }) => wanted.length === 0 || wanted.includes(named))
await mkdir(folder, { recursive: true })
buildConsole()
const house = await openConsoleWorld(PLAIN_WORDS)
const pages = await consolePages(house)
for (const way of ways) {
  const { named } = way
  const visit = await openConsole(house, way, named)
  for (const { name, path } of pages) {
    await visit.turnTo(path)
    await settled(visit.page)
    await visit.page.screenshot({ path: resolve(folder, `${name}-${named}.png`) })
  }
  await visit.page.context().clearCookies()
  await visit.page.reload()
  await visit.page.locator('input[type=password]').waitFor()
  await visit.page.screenshot({ path: resolve(folder, `sign-in-${named}.png`) })
  await visit.close()
  console.log(`${named}: ${pages.length + 1}`)
}
await house.close()
process.exit(0)
