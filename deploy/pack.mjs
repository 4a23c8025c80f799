/**
 * `npm run pack`: what is published, each as the file that npm would take, in `packed/`: the gateway as `qunhub`, the client, the
 * simulator. Prints them with their sizes; `-- --to <folder>` puts them elsewhere.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'

const root = resolve(import.meta.dirname, '..')
const { values } = parseArgs({ options: { to: { type: 'string', default: join(root, 'packed') } } })
const to = resolve(values.to)

mkdirSync(to, { recursive: true })
// Not the dist/ of the packages: somebody else may be making those.
const drafts = mkdtempSync(join(tmpdir(), 'qunhub-pack-'))
process.once('exit', () => rmSync(drafts, { recursive: true, force: true }))
for (const name of ['gateway', 'client', 'simulator']) {
  const draft = join(drafts, name)
  execFileSync(process.execPath, [join(root, 'packages', name, 'pack.mjs'), draft], { stdio: 'inherit' })
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', to]
  // On Windows npm is a script of its shell.
  const shell = process.platform === 'win32'
  const told = execFileSync('npm', args, { cwd: draft, encoding: 'utf8', shell })
  const [{ filename, size }] = JSON.parse(told)
  console.log(`${join(to, filename)}  ${(size / 1e6).toFixed(2)} MB`)
}
