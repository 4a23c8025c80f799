/**
 * `npm run pack`: what is published, each as the file that npm would take, in `packed/`: the gateway as `qunhub`, the client, the
 * simulator. Prints them with their sizes; `-- --to <folder>` puts them elsewhere. With `-- --image` the gateway is installed in
 * `image/` beside them as well, as deploy/Dockerfile copies it.
 */
import { execFileSync } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'

const root = resolve(import.meta.dirname, '..')
const { values } = parseArgs({
  options: {
    to: { type: 'string', default: join(root, 'packed') },
    image: { type: 'boolean', default: false },
  },
})
// On Windows npm is a script of its shell.
const npm = (args, cwd) =>
  execFileSync('npm', args, { cwd, encoding: 'utf8', shell: process.platform === 'win32' })
const to = resolve(values.to)

mkdirSync(to, { recursive: true })
// Not the dist/ of the packages: somebody else may be making those.
const drafts = mkdtempSync(join(tmpdir(), 'qunhub-pack-'))
process.once('exit', () => rmSync(drafts, { recursive: true, force: true }))
for (const name of ['gateway', 'client', 'simulator']) {
  const draft = join(drafts, name)
  execFileSync(process.execPath, [join(root, 'packages', name, 'pack.mjs'), draft], { stdio: 'inherit' })
  const told = npm(['pack', '--json', '--ignore-scripts', '--pack-destination', to], draft)
  const [{ filename, size }] = JSON.parse(told)
  console.log(`${join(to, filename)}  ${(size / 1e6).toFixed(2)} MB`)
  if (name === 'gateway' && values.image) install(join(to, filename), join(to, 'image'))
}

/** Types and source maps of what it depends on are never read when it runs. */
function install(file, folder) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), '{"private":true}\n')
  npm(
    ['install', '--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', file],
    folder,
  )
  const unread = globSync(
    ['**/*.d.{ts,cts,mts}', '**/*.map', '**/.bin', '**/.package-lock.json', 'package*.json'],
    {
      cwd: folder,
    },
  )
  for (const path of unread.filter(path => !path.endsWith('/package.json')))
    rmSync(join(folder, path), { recursive: true, force: true })
  console.log(folder)
}
