/**
 * The master key's life: made with the store, beside it, readable for the owner only; read at every later start; never
 * replaced. All that the store keeps of tokens and secrets hangs on it, so a lost key is not made up for by a new one.
 */
import { randomBytes } from 'node:crypto'
import { access, link, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from './config/config.ts'
import { Keyring } from './model/keyring.ts'
import { makeDirectory } from './system/make-directory.ts'

export const MASTER_KEY_FILE = 'secret.key'
/** The database of the embedded store; its presence says that a key once belonged to it. */
export const DATABASE_FILE = 'qunhub.sqlite'
const MASTER_KEY_BYTES = 32

/** The store is there and its key is not. */
export class MasterKeyMissing extends Error {
  override name = 'MasterKeyMissing'
}

/** The key file holds something else, or cannot be read. */
export class MasterKeyUnreadable extends Error {
  override name = 'MasterKeyUnreadable'
}

/** The configured key is another than the one in the data directory. */
export class MasterKeyContradicted extends MasterKeyUnreadable {
  override name = 'MasterKeyContradicted'
}

/**
 * The keyring of the configured master key, or else of the one in the data directory, which is made when the store is
 * new. Call it before the store is opened: an opened store no longer looks new.
 * Throws {@link MasterKeyMissing} or {@link MasterKeyUnreadable}.
 */
export async function readMasterKey(config: Pick<Config, 'dataDir' | 'secretKey'>): Promise<Keyring> {
  const file = join(config.dataDir, MASTER_KEY_FILE)
  const kept = await readKeyFile(file)
  if (config.secretKey) {
    if (!kept || kept.equals(config.secretKey)) return new Keyring(config.secretKey)
    // Every token would be answered -1, and nobody would know why.
    throw new MasterKeyContradicted(
      `QUNHUB_SECRET_KEY 与 ${file} 不同, 现有数据属于后者. 请去掉该设置, 或移走该文件 / ` +
        `QUNHUB_SECRET_KEY differs from ${file}, which the data belongs to: unset it, or move the file away`,
    )
  }
  if (kept) return new Keyring(kept)

  if (await exists(join(config.dataDir, DATABASE_FILE))) {
    throw new MasterKeyMissing(
      `主密钥丢失: 已有数据, 但没有 ${file}, 现有 token 与密钥无法再校验. 请从备份恢复该文件, 或设置当初的 QUNHUB_SECRET_KEY / ` +
        `the master key is missing: there is data but no ${file}, and without it no token or secret can be checked. ` +
        'Restore the file from a backup, or set the QUNHUB_SECRET_KEY that the data was made with',
    )
  }
  await makeKeyFile(file, config.dataDir)
  return new Keyring((await readKeyFile(file)) ?? missingAfterMaking(file))
}

/**
 * Words of warning where the key in the data directory is not for its owner alone, as one that was put back from a backup may be;
 * null where it is. It is no reason to keep a gateway from starting (decision 0070).
 */
export async function warningOfOpenKey({ dataDir }: Pick<Config, 'dataDir'>): Promise<string | null> {
  // Windows has no such bits.
  if (process.platform === 'win32') return null
  const file = join(dataDir, MASTER_KEY_FILE)
  const mode = await stat(file).then(
    found => found.mode & 0o777,
    () => 0,
  )
  if ((mode & 0o077) === 0) return null
  const bits = mode.toString(8).padStart(4, '0')
  return (
    `主密钥文件 ${file} 的权限是 ${bits}, 应为 0600: 请执行 chmod 600 ${file} / ` +
    `the master key file ${file} has the mode ${bits}, expected 0600: run chmod 600 ${file}`
  )
}

async function readKeyFile(file: string): Promise<Buffer | undefined> {
  let text: string
  try {
    text = (await readFile(file, 'utf8')).trim()
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new MasterKeyUnreadable(
      `无法读取主密钥 ${file}, 请检查权限 / cannot read the master key; check who may read the file`,
      {
        cause,
      },
    )
  }
  if (!/^[0-9a-fA-F]{64}$/.test(text)) {
    throw new MasterKeyUnreadable(
      `主密钥文件 ${file} 已损坏, 应为 64 位十六进制, 请从备份恢复 / the master key file is damaged: 64 hex digits belong there; restore it from a backup`,
    )
  }
  return Buffer.from(text, 'hex')
}

/** Two processes may start on a new directory at once: the first key stands, and nobody ever reads half of one. */
async function makeKeyFile(file: string, dataDir: string): Promise<void> {
  await makeDirectory(dataDir)
  const draft = `${file}.${randomBytes(4).toString('hex')}.new`
  await writeFile(draft, `${randomBytes(MASTER_KEY_BYTES).toString('hex')}\n`, {
    mode: 0o600,
    flush: true,
    flag: 'wx',
  })
  try {
    await link(draft, file)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
  } finally {
    await rm(draft)
  }
}

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  )

function missingAfterMaking(file: string): never {
  throw new MasterKeyMissing(`主密钥刚创建即消失: ${file} / the master key vanished as soon as it was made`)
}
