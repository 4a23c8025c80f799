import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../../../..')
/** What it printed. */
const git = (...args: string[]) =>
  new Promise<string>((done, fail) =>
    execFile('git', ['-C', ROOT, ...args], (failure, printed) => (failure ? fail(failure) : done(printed))),
  )

export interface OtherCommit {
  /** The commit as git names it in short, and its subject. */
  readonly name: string
  /** Its command line. */
  readonly main: string
  remove(): Promise<void>
}

/**
 * Puts another commit of this repository into a folder of its own, with the dependencies that are installed here. Undefined where git
 * does not have it, as in a copy of the newest commit alone.
 */
export async function openCommit(commit: string): Promise<OtherCommit | undefined> {
  const found = await git('log', '-1', '--format=%h %s', commit).catch(() => undefined)
  if (!found) return undefined
  const home = await mkdtemp(join(tmpdir(), 'qunhub-commit-'))
  const folder = join(home, 'qunhub')
  await git('worktree', 'add', '--detach', folder, commit)
  await linkDependencies(folder)
  return {
    name: found.trim(),
    main: join(folder, 'packages/gateway/src/cli/main.ts'),
    async remove() {
      await git('worktree', 'remove', '--force', folder)
      await rm(home, { recursive: true, force: true })
    },
  }
}

/** Ours are its own, and not those of this checkout. */
async function linkDependencies(folder: string): Promise<void> {
  const here = join(ROOT, 'node_modules')
  const there = join(folder, 'node_modules')
  await mkdir(join(there, '@qunhub'), { recursive: true })
  for (const name of await readdir(here))
    if (name !== '@qunhub' && name !== '.cache') await symlink(join(here, name), join(there, name))
  for (const name of await readdir(join(folder, 'packages')))
    await symlink(join(folder, 'packages', name), join(there, '@qunhub', name))
}
