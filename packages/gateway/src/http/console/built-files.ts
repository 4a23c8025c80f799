/**
 * The console as it was built (decision 0083), held in memory: a request finds a file by its name among those that were read, so
 * no path leads out of the folder, and reads nothing. The folder is put in place whole while the gateway runs, so it is looked
 * at again: at most once a second, when somebody opens a page or asks for a file that is not there.
 */
import { readdir, readFile, stat } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import { promisify } from 'node:util'
import { gzip as gzipWith } from 'node:zlib'
import { type Clock, SECOND_MS } from '../../system/clock.ts'
import type { Log } from '../../system/log.ts'

export interface BuiltFile {
  readonly type: string
  /** Its name says what is in it. */
  readonly isImmutable: boolean
  readonly plain: Buffer
  readonly br?: Buffer
  readonly gzip?: Buffer
}

export interface BuiltFiles {
  /** By the path behind `/console/`. */
  file(path: string): Promise<BuiltFile | undefined>
  /** With places for the nonce and the way to its files; undefined where nothing was built. */
  page(): Promise<string | undefined>
}

const PAGE = 'index.html'
const LOOK_EVERY_MS = SECOND_MS
/** Ten times what there is. */
const FILES_MAX = 1000
const BYTES_MAX = 32 * 1024 * 1024

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
}

/** A build leaves them compressed beside themselves; the package that is shipped has no room for that. */
const COMPRESSED = ['.js', '.css', '.svg']
const compress = promisify(gzipWith)

interface Built {
  readonly stamp: string
  readonly page: string
  readonly files: ReadonlyMap<string, BuiltFile>
}

export function createBuiltFiles(folder: string, { clock, log }: { clock: Clock; log: Log }): BuiltFiles {
  let built: Built | undefined
  let lookedAt = Number.NEGATIVE_INFINITY
  let looking: Promise<void> | undefined

  const lookAgain = async (): Promise<void> => {
    try {
      const stamp = await stampOf(folder)
      if (stamp !== built?.stamp) built = await readBuilt(folder, stamp)
    } catch (err) {
      // Not built yet, or just being replaced: what there was goes on being served.
      if (!isAbsent(err)) log.warn({ err }, '控制台的文件无法读取 / the files of the console cannot be read')
    }
  }
  const look = (): Promise<void> => {
    const now = clock.now()
    // A clock that was set back does not keep anybody from looking.
    if (!looking && (now >= lookedAt + LOOK_EVERY_MS || now < lookedAt)) {
      lookedAt = now
      looking = lookAgain().finally(() => {
        looking = undefined
      })
    }
    return looking ?? Promise.resolve()
  }

  return {
    async file(path) {
      if (!built?.files.has(path)) await look()
      return built?.files.get(path)
    },
    async page() {
      await look()
      return built?.page
    },
  }
}

/** A build makes its page last of all that the browser asks for, and a folder that is moved in brings another one. */
async function stampOf(folder: string): Promise<string> {
  const { mtimeMs, ino, size } = await stat(join(folder, PAGE))
  return `${mtimeMs} ${ino} ${size}`
}

async function readBuilt(folder: string, stamp: string): Promise<Built> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const names = entries
    .filter(entry => entry.isFile() && Object.hasOwn(TYPES, extname(entry.name.replace(/\.(br|gz)$/, ''))))
    .map(entry => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
  if (names.length > FILES_MAX) throw new Error(`more than ${FILES_MAX} files in ${folder}`)

  const bytes = new Map<string, Buffer>()
  let total = 0
  for (const name of names) {
    const read = await readFile(join(folder, name))
    total += read.length
    if (total > BYTES_MAX) throw new Error(`more than ${BYTES_MAX} bytes in ${folder}`)
    bytes.set(name, read)
  }
  const files = new Map<string, BuiltFile>()
  for (const [name, plain] of bytes) {
    const type = TYPES[extname(name)]
    if (!type) continue
    const br = bytes.get(`${name}.br`)
    const gzip =
      bytes.get(`${name}.gz`) ?? (COMPRESSED.includes(extname(name)) ? await compress(plain) : undefined)
    const isImmutable = name.startsWith('assets/')
    files.set(name, { type, isImmutable, plain, ...(br && { br }), ...(gzip && { gzip }) })
  }
  return { stamp, files, page: await readFile(join(folder, PAGE), 'utf8') }
}

const isAbsent = (failure: unknown): boolean =>
  failure instanceof Error && 'code' in failure && (failure.code === 'ENOENT' || failure.code === 'ENOTDIR')
