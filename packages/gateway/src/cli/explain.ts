import { ConfigError } from '../config/config.ts'
import { MasterKeyContradicted, MasterKeyMissing, MasterKeyUnreadable } from '../master-key.ts'
import { SealBroken } from '../model/keyring.ts'
import { StoreError } from '../store/database/store-error.ts'
import { DataDirInUse } from './ask.ts'
import { GatewayLost } from './ask-gateway.ts'
import { StoreAbsent } from './ask-store.ts'
import { DataDirMisnamed, DataDirUnusable } from './data-dir.ts'
import { EXIT_FAILED, EXIT_USAGE } from './exit-codes.ts'
import { ContactFileUnreadable } from './read/read-contact-file.ts'
import { SecretUnreadable } from './read/take-secret.ts'
import type { Shell } from './shell.ts'
import { plainLines, plainText } from './show/column-width.ts'
import { json } from './tell.ts'

/** Their message was written for the operator: what, why, what next. */
const spoken = [
  MasterKeyMissing,
  MasterKeyUnreadable,
  StoreError,
  DataDirInUse,
  DataDirUnusable,
  GatewayLost,
  StoreAbsent,
  ContactFileUnreadable,
  SecretUnreadable,
]

/** As settings.ts has them. */
const DEFAULT_PORT = '3000'
const DEFAULT_SIMULATOR_PORT = '3100'

/** In the place of a refusal's word, for programs that read `--json`. */
const WRONG_USAGE = 'wrong-usage'
const BAD_CONFIGURATION = 'bad-configuration'
const FAILED = 'failed'

/**
 * Tells on stderr what went wrong and returns the exit code. The stack, which helps nobody but a developer, comes only
 * with QUNHUB_LOG_LEVEL=debug. Programs that asked for JSON get it in the shape of a refusal.
 */
export function explain(failure: unknown, { env, err }: Shell, asJson: boolean): number {
  const exitCode = wordOf(failure) === FAILED ? EXIT_FAILED : EXIT_USAGE
  const sentence = explanationOf(failure, env)
  // Names, paths and what others answer may stand in it; only a list of problems has lines of its own.
  const message = failure instanceof ConfigError ? sentence : plainText(sentence)
  if (asJson) {
    err(json({ ok: false, refused: wordOf(failure), message }))
    return exitCode
  }
  err(`${message}\n`)
  if (env.QUNHUB_LOG_LEVEL === 'debug' && failure instanceof Error) err(`${plainLines(stacksOf(failure))}\n`)
  return exitCode
}

/** What commander said of a command line, for programs. */
export const tellUsage = (message: string, { err }: Pick<Shell, 'err'>): void =>
  err(json({ ok: false, refused: WRONG_USAGE, message }))

/** What was typed or set cannot be meant, and nothing was tried; or something failed. */
function wordOf(failure: unknown): typeof WRONG_USAGE | typeof BAD_CONFIGURATION | typeof FAILED {
  if (failure instanceof ContactFileUnreadable) return WRONG_USAGE
  const isForeign = failure instanceof Error && 'code' in failure && failure.code === 'EADDRNOTAVAIL'
  return isForeign || misconfigured.some(kind => failure instanceof kind) ? BAD_CONFIGURATION : FAILED
}
const misconfigured = [ConfigError, DataDirMisnamed, MasterKeyContradicted]

/** What, why and what next, in both languages. */
export function explanationOf(failure: unknown, env: Shell['env']): string {
  if (failure instanceof ConfigError) return new ConfigError(failure.problems.map(plainText)).message
  if (failure instanceof SealBroken) {
    return '主密钥与数据不符, 密文无法解开: 请使用当初的 QUNHUB_SECRET_KEY 或 secret.key / the master key is not the one that the data was made with: use that QUNHUB_SECRET_KEY or secret.key again'
  }
  if (spoken.some(kind => failure instanceof kind)) return (failure as Error).message
  return systemSentence(failure, env) ?? unexpected(failure)
}

/** What the operating system refused. */
function systemSentence(failure: unknown, env: Shell['env']): string | undefined {
  if (!(failure instanceof Error) || !('code' in failure)) return undefined
  const path = 'path' in failure ? String(failure.path) : ''
  switch (failure.code) {
    case 'EADDRINUSE':
      return portTaken('port' in failure ? String(failure.port) : '', env)
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return addressForeign(failure, env)
    case 'EACCES':
    case 'EPERM':
      return `没有权限${path && `访问 ${path}`}, 请检查权限 / permission denied${path && ` on ${path}`}: check who may use it`
    case 'ENOSPC':
      return '磁盘已满, 请清理后重试 / the disk is full: make room and try again'
    case 'EROFS':
      return `文件系统只读 ${path} / the file system is read-only ${path}`
    default:
      return undefined
  }
}

function portTaken(port: string, env: Shell['env']): string {
  const setting = settingOfPort(port, env)
  return (
    `端口 ${port} 已被占用, 请停止占用它的程序, 或用 ${setting} 换一个端口 / ` +
    `port ${port} is taken: stop the program that has it, or choose another port by ${setting}`
  )
}

function settingOfPort(port: string, env: Shell['env']): string {
  if (port === (env.QUNHUB_SIMULATOR_PORT || DEFAULT_SIMULATOR_PORT)) return 'QUNHUB_SIMULATOR_PORT'
  if (port !== nodeAddress(env).port) return 'PORT'
  return port === (env.PORT || DEFAULT_PORT) ? 'PORT 或 (or) QUNHUB_NODE_ADDRESS' : 'QUNHUB_NODE_ADDRESS'
}

/** A name that nobody knows, or an address that no interface of this machine has. */
function addressForeign(failure: Error, env: Shell['env']): string | undefined {
  const address =
    'address' in failure ? failure.address : 'hostname' in failure ? failure.hostname : undefined
  if (address === undefined) return undefined
  const port = 'port' in failure ? String(failure.port) : undefined
  const node = nodeAddress(env)
  const isNodes = address === node.host && (port === undefined || port === node.port)
  const setting = isNodes ? 'QUNHUB_NODE_ADDRESS' : 'QUNHUB_HOST'
  return (
    `无法在 ${address} 上监听: 它不是本机的地址, 请检查 ${setting} / ` +
    `cannot listen on ${address}: it is no address of this machine; check ${setting}`
  )
}

function nodeAddress({ QUNHUB_NODE_ADDRESS: given = '' }: Shell['env']): { host: string; port: string } {
  const colon = given.lastIndexOf(':')
  return { host: given.slice(0, colon).replace(/^\[|\]$/g, ''), port: given.slice(colon + 1) }
}

const unexpected = (failure: unknown): string =>
  `内部错误, 设 QUNHUB_LOG_LEVEL=debug 可看详情 / internal error; QUNHUB_LOG_LEVEL=debug shows more: ${
    failure instanceof Error ? failure.message : String(failure)
  }`

const stacksOf = (failure: Error): string =>
  `${failure.stack}${failure.cause instanceof Error ? `\ncaused by ${stacksOf(failure.cause)}` : ''}`
