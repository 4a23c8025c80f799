import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

export const INSTALL_TIMEOUT_MS = 240_000

/** npm did not install the stock packages: most often the registry is out of reach. */
export class StockNotInstalled extends Error {}

/**
 * Installs packages at exact versions into a folder of their own, without their install scripts. They bring some three
 * hundred others, which is why this repository does not depend on them. What npm has in its cache is not fetched again.
 */
export async function installStock(packages: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'qunhub-stock-programs-'))
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: packages }))
  const npm = spawn(
    'npm',
    ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--fetch-retries=1'],
    { cwd: folder, timeout: INSTALL_TIMEOUT_MS, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  const [complaint, [code]] = await Promise.all([text(npm.stderr), once(npm, 'close')])
  if (code === 0) return folder
  await removeFolder(folder)
  const names = Object.entries(packages).map(([name, version]) => `${name}@${version}`)
  throw new StockNotInstalled(
    `npm could not install ${names.join(', ')}. This trial needs an npm registry within reach; npm said: ${complaint}`,
  )
}

/** A client that was killed a moment ago may have left its store half written: what cannot be removed at once is tried again. */
export const removeFolder = (folder: string): Promise<void> =>
  rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
