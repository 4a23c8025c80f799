/**
 * The Chromium that npm brings for the tests (linux x64): packed with Brotli, with the libraries it wants beside it. It is
 * unpacked once an installation, into a folder of its own: the package's own way writes to one place, where workers that do so
 * at the same time run what another one is still writing.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { chmod, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createBrotliDecompress } from 'node:zlib'
import { fillFolderOnce } from './fill-folder-once.ts'
import { woffToTtf } from './woff-to-ttf.ts'

const IN_CHUNKS = { chunkSize: 2 * 2 ** 20 }
const CHINESE_FONT = '@fontsource/noto-sans-sc/files/noto-sans-sc-chinese-simplified-400-normal.woff'
const CACHE = resolve(import.meta.dirname, '../../../../node_modules/.cache')

const require = createRequire(import.meta.url)

/** What is needed to run a Chromium. */
export interface Chromium {
  readonly program: string
  readonly env: Readonly<Record<string, string>>
}

/** Unpacks it if nobody did before; `cache` is where such folders are kept. */
export async function unpackChromium(cache = CACHE): Promise<Chromium> {
  const home = join(cache, `chromium-${await packagedVersion()}`)
  await fillFolderOnce(home, folder => unpackInto(folder, join(home, 'font-cache')))
  const { LC_ALL: _, ...env } = process.env as Record<string, string>
  return {
    program: join(home, 'chromium'),
    env: {
      ...env,
      // Numbers, dates and the choice of fonts follow it; an empty LC_ALL would undo it.
      LANG: 'zh_CN.UTF-8',
      LD_LIBRARY_PATH: join(home, 'lib'),
      FONTCONFIG_FILE: join(home, 'fonts.conf'),
    },
  }
}

async function packagedVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(join(packageFolder(), 'package.json'), 'utf8'))
  return version
}

const packageFolder = (): string => resolve(dirname(require.resolve('@sparticuz/chromium')), '..')

async function unpackInto(folder: string, fontCache: string): Promise<void> {
  const packed = (name: string) => join(packageFolder(), 'bin', name)
  await Promise.all([
    unpackFile(packed('chromium.br'), join(folder, 'chromium')),
    unpackTar(packed('al2023.tar.br'), folder),
    unpackTar(packed('fonts.tar.br'), folder),
  ])
  await chmod(join(folder, 'chromium'), 0o755)
  await writeFile(join(folder, 'fonts/chinese.ttf'), woffToTtf(await readFile(require.resolve(CHINESE_FONT))))
  await writeFile(join(folder, 'fonts.conf'), fontsConf(fontCache))
}

const unpackFile = (from: string, to: string): Promise<void> =>
  pipeline(createReadStream(from), createBrotliDecompress(IN_CHUNKS), createWriteStream(to))

/** By way of a file: a tar that has read the end of its archive hangs up, whatever there is still to be written to it. */
async function unpackTar(from: string, folder: string): Promise<void> {
  const unpacked = join(folder, basename(from, '.br'))
  await unpackFile(from, unpacked)
  const tar = spawn('tar', ['-x', '-C', folder, '-f', unpacked], { stdio: ['ignore', 'ignore', 'inherit'] })
  const [exitCode] = await once(tar, 'close')
  if (exitCode !== 0) throw new Error(`tar did not unpack ${from}: it exited with ${exitCode}`)
  await rm(unpacked)
}

/** The folder of fonts is told from where this file is; of the cache nobody reads it so. */
const fontsConf = (cache: string): string => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <cachedir>${cache}</cachedir>
</fontconfig>
`
