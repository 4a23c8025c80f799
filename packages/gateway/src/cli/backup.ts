/**
 * `qunhub backup <target>`: a whole and checked copy of the embedded store, whether a gateway runs or not. Of PostgreSQL, which has
 * tools of its own for that, it says which.
 */
import { statSync } from 'node:fs'
import { access, stat, statfs } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Config } from '../config/config.ts'
import { DATABASE_FILE, MASTER_KEY_FILE } from '../master-key.ts'
import { readDatabaseUrl } from '../model/database-url.ts'
import { type BackedUp, backUpFile, bytesToCopy, TargetFull } from '../store/dialect/sqlite/back-up-file.ts'
import { type Clock, systemClock } from '../system/clock.ts'
import { hasStore, StoreAbsent } from './ask-store.ts'
import { readCliConfig } from './cli-config.ts'
import { namingDataDir, requireDataDir } from './data-dir.ts'
import { addExamples } from './examples.ts'
import { EXIT_DONE, EXIT_FAILED } from './exit-codes.ts'
import { nameOfDatabase } from './naming-store.ts'
import { shellWord } from './read/shell-word.ts'
import type { Declare, Shell } from './shell.ts'
import { openLongWork } from './show/long-work.ts'
import { showBytes } from './show/show-bytes.ts'
import { renderFacts } from './show/table.ts'
import { json, tellRefusal } from './tell.ts'

interface BackupReport extends BackedUp {
  readonly file: string
  /** Where the master key is, without which nobody can use the copy. */
  readonly masterKey: { readonly kind: 'file' | 'setting' | 'missing'; readonly where: string }
}

type Refused = { readonly ok: false; readonly refused: string; readonly message: string }

export const backupCommand: Declare = (program, shell, exitWith) => {
  const command = program
    .command('backup')
    .description(
      '备份内嵌数据库, 网关可以在运行; 得到一个完整、检查过的文件, 不覆盖已有的. PostgreSQL 则说明用什么备份 / ' +
        'back up the embedded store, with its gateway running or not: one whole file, checked, never over one that is there; of PostgreSQL it says how',
    )
    .argument('<target>', '文件, 或已有的目录 / a file, or a directory that is there')
    .addHelpText('after', notes)
    .action(async (target: string) => {
      const { json: asJson = false, dataDir } = command.optsWithGlobals<{ json?: true; dataDir?: string }>()
      const made = await backUp(readCliConfig(shell.env, dataDir), target, { shell, asJson })
      if ('refused' in made) return exitWith(tellRefusal(made, shell, asJson))
      shell.out(asJson ? json(made) : `${show(made, shell.columns)}\n`)
      exitWith(made.masterKey.kind === 'missing' ? EXIT_FAILED : EXIT_DONE)
    })
  addExamples(command, [
    ['到一个文件 / to a file', 'qunhub backup /backup/qunhub-monday.sqlite'],
    ['到一个目录, 文件名带时间 / to a directory, named by the time', 'qunhub backup /backup'],
  ])
}

const notes = `
副本里没有主密钥: 请另外保存 (secret.key 或 QUNHUB_SECRET_KEY), 与副本分开存放。恢复的步骤见 docs/operate.md。
/ The copy holds no master key: keep it as well (secret.key or QUNHUB_SECRET_KEY), apart from the copy. How to restore: docs/operate.md.`

async function backUp(
  config: Config,
  given: string,
  { shell, asJson }: { shell: Shell; asJson: boolean },
  clock: Clock = systemClock,
): Promise<BackupReport | Refused> {
  if (config.databaseUrl) return postgresRefusal(config.databaseUrl)
  const { dataDir } = config
  await requireDataDir(dataDir, 'look')
  if (!(await hasStore(dataDir)))
    throw new StoreAbsent(
      `${dataDir} 中没有数据, 请检查 --data-dir / there is no store in ${dataDir}: check --data-dir`,
    )
  const source = join(dataDir, DATABASE_FILE)
  const target = await nameTarget(resolve(given), clock.now())
  const refused = (await isThere(target)) ? existsRefusal(target) : await whyNoRoom(source, dirname(target))
  if (refused) return refused

  let words = () => '备份 backing up'
  const work = openLongWork(asJson ? { err: shell.err } : shell, () => words())
  try {
    const made = await backUpFile(source, target, {
      onCopying(draft) {
        words = () => `复制 copying ${showBytes(sizeNow(draft))}`
      },
      onChecking: () => work.tell('检查副本 checking the copy'),
    })
    return { file: target, ...made, masterKey: await whereKeyIs(config) }
  } catch (failure) {
    if (failure instanceof TargetFull) return noRoom(dirname(target), await bytesToCopy(source))
    return refusalOf(failure, target) ?? Promise.reject(namingDataDir(dataDir, failure))
  } finally {
    work.end()
  }
}

/** So far; nothing while it is not there yet. */
const sizeNow = (draft: string): number => statSync(draft, { throwIfNoEntry: false })?.size ?? 0

/** In a directory it is named by the time, so that copies of several days stand beside one another in their order. */
async function nameTarget(target: string, now: number): Promise<string> {
  const isDirectory = await stat(target).then(
    found => found.isDirectory(),
    () => false,
  )
  const time = new Date(now).toISOString().slice(0, 19).replaceAll(':', '')
  return isDirectory ? join(target, `qunhub-${time}Z.sqlite`) : target
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

async function whyNoRoom(source: string, folder: string): Promise<Refused | undefined> {
  const free = await statfs(folder).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => undefined,
  )
  const needed = await bytesToCopy(source)
  return free === undefined || free > needed ? undefined : noRoom(folder, needed, free)
}

/** `free`: where it was looked at before; a copy that broke off had less than it needs. */
function noRoom(folder: string, needed: number, free?: number): Refused {
  const [chinese, english] =
    free === undefined ? ['已满', 'is full'] : [`只剩 ${showBytes(free)}`, `has only ${showBytes(free)} left`]
  return {
    ok: false,
    refused: 'no-room',
    message: `备份目录 ${folder} 的盘${chinese}, 需要 ${showBytes(needed)}: 请清理, 或换一个盘 / the disk of ${folder}, where the backup goes, ${english}, and ${showBytes(needed)} are needed: make room, or choose another disk`,
  }
}

const existsRefusal = (target: string): Refused => ({
  ok: false,
  refused: 'target-exists',
  message: `${target} 已存在, 不会覆盖: 请换一个名字, 或给出目录 / ${target} is there, and is not written over: choose another name, or a directory`,
})

function refusalOf(failure: unknown, target: string): Refused | undefined {
  const code = failure instanceof Error && 'code' in failure ? failure.code : undefined
  if (code === 'EEXIST') return existsRefusal(target)
  if (code !== 'ENOENT' && code !== 'ENOTDIR') return undefined
  return {
    ok: false,
    refused: 'target-missing',
    message: `没有目录 ${dirname(target)}: 请先建立 / there is no directory ${dirname(target)}: make it first`,
  }
}

/** Its own tools know how to copy it while it is in use. No password stands in what is to be pasted: they ask, or read ~/.pgpass. */
function postgresRefusal(databaseUrl: string): Refused {
  const name = nameOfDatabase(databaseUrl)
  const { host, port, database } = placeOf(databaseUrl)
  // Of several the tools would take the first that answers, which may be a standby.
  const primary = host.includes(',') ? 'PGTARGETSESSIONATTRS=read-write ' : ''
  const server = `--host=${shellWord(host)}${port && ` --port=${port}`} --username=<user>`
  return {
    ok: false,
    refused: 'store-is-postgres',
    message: [
      `数据在 PostgreSQL (${name}), 请用它自己的工具备份, 网关可以在运行; 口令用 ~/.pgpass; 主密钥另存 / ` +
        `the data is in PostgreSQL (${name}): back it up by its own tools, the gateways may run; its password by ~/.pgpass; keep the master key as well`,
      `  ${primary}pg_dump ${server} --format=custom --no-owner --exclude-table-data=token_permits --file=qunhub.dump ${shellWord(database)}`,
      '恢复到空库 / into an empty database:',
      `  ${primary}pg_restore ${server} --no-owner --dbname=<empty> qunhub.dump`,
      '整个实例, 任意时刻 / the whole server, any moment of it:',
      `  ${primary}pg_basebackup ${server} --pgdata=base --wal-method=stream`,
    ].join('\n'),
  }
}

/** The directory of a socket has no port. Of several servers its tools take lists, as libpq does. */
function placeOf(databaseUrl: string): { host: string; port: string; database: string } {
  const { at, database } = readDatabaseUrl(databaseUrl)!
  const places = at
    .split(',')
    .map(one => (one.startsWith('/') ? [] : (/^\[?(.*?)\]?:(\d+)$/.exec(one) ?? [])).slice(1))
  const hosts = at.split(',').map((one, n) => places[n]![0] ?? one)
  const ports = places.map(([, port = '']) => port)
  return { host: hosts.join(','), port: ports.some(Boolean) ? ports.join(',') : '', database }
}

async function whereKeyIs({ dataDir, secretKey }: Config): Promise<BackupReport['masterKey']> {
  if (secretKey) return { kind: 'setting', where: 'QUNHUB_SECRET_KEY' }
  const file = join(dataDir, MASTER_KEY_FILE)
  return { kind: (await isThere(file)) ? 'file' : 'missing', where: file }
}

function show({ file, bytes, schema, sha256, masterKey }: BackupReport, columns: number | undefined): string {
  return [
    renderFacts(
      [
        ['备份 backup', file],
        ['大小 size', `${showBytes(bytes)} (integrity_check: ok)`],
        ['数据结构 schema', schema],
        ['sha256', sha256],
        ['主密钥 master key', keyWords(masterKey)],
        [
          '还应备份 besides',
          '环境变量或 .env, 以及它们指向的文件 (CA 等) / the environment or .env, and the files that it names (CAs)',
        ],
      ],
      columns,
    ),
  ].join('\n')
}

function keyWords({ kind, where }: BackupReport['masterKey']): string {
  switch (kind) {
    case 'file':
      return `不在副本里: 另存 ${where}, 与副本分开 / not in it: keep ${where} as well, apart from it`
    case 'setting':
      return `不在副本里: 另存 ${where} 的值, 与副本分开 / not in it: keep the value of ${where} as well, apart from it`
    case 'missing':
      return `找不到: 没有 ${where}, 也没有 QUNHUB_SECRET_KEY; 没有它, 副本里的 token 与密钥都不能用 / missing: neither ${where} nor QUNHUB_SECRET_KEY; without it no token and no secret in the copy can be used`
    default:
      return kind satisfies never
  }
}
