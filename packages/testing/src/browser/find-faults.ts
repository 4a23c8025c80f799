import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

interface Violation {
  readonly id: string
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary?: string }[]
}

const script = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What keeps people off the page as it is shown: what axe finds, a line each, and what is wider than the window. */
export async function findFaults(page: Page): Promise<string[]> {
  await page.evaluate(await script)
  const { violations } = await page.evaluate<{ violations: Violation[] }>(
    'axe.run({ resultTypes: ["violations"] })',
  )
  const tooWide = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
  return [
    ...(tooWide > 0 ? [`${tooWide} px wider than the window`] : []),
    ...violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
    ),
  ]
}
