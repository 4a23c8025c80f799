import { ConfigError } from '../config.ts'
import { MasterKeyMissing, MasterKeyUnreadable } from '../master-key.ts'
import { SealBroken } from '../model/keyring.ts'
import { StoreError } from '../store/store-error.ts'
import { DataDirInUse } from './ask.ts'
import { GatewayLost } from './ask-gateway.ts'
import { StoreAbsent } from './ask-store.ts'
import { EXIT_FAILED, EXIT_USAGE } from './exit-codes.ts'
import type { Shell } from './shell.ts'

/** Their message was written for the operator: what, why, what next. */
const spoken = [MasterKeyMissing, MasterKeyUnreadable, StoreError, DataDirInUse, GatewayLost, StoreAbsent]

/**
 * Tells on stderr what went wrong and returns the exit code. The stack, which helps nobody but a developer, comes only
 * with QUNHUB_LOG_LEVEL=debug.
 */
export function explain(failure: unknown, { env, err }: Shell): number {
  err(`${sentenceFor(failure)}\n`)
  if (env.QUNHUB_LOG_LEVEL === 'debug' && failure instanceof Error) err(`${stacksOf(failure)}\n`)
  return failure instanceof ConfigError ? EXIT_USAGE : EXIT_FAILED
}

function sentenceFor(failure: unknown): string {
  if (failure instanceof ConfigError) return failure.message
  if (failure instanceof SealBroken) {
    return '主密钥与数据不符, 密文无法解开: 请使用当初的 QUNHUB_SECRET_KEY 或 secret.key / the master key is not the one that the data was made with: use that QUNHUB_SECRET_KEY or secret.key again'
  }
  if (spoken.some(kind => failure instanceof kind)) return (failure as Error).message
  return systemSentence(failure) ?? unexpected(failure)
}

/** What the operating system refused. */
function systemSentence(failure: unknown): string | undefined {
  if (!(failure instanceof Error) || !('code' in failure)) return undefined
  const path = 'path' in failure ? String(failure.path) : ''
  switch (failure.code) {
    case 'EADDRINUSE':
      return `端口${portOf(failure)} 已被占用, 请停止占用它的程序或换一个端口 / port${portOf(failure)} is taken: stop the program that has it, or choose another port`
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

const portOf = (failure: Error): string => ('port' in failure ? ` ${String(failure.port)}` : '')

const unexpected = (failure: unknown): string =>
  `内部错误, 设 QUNHUB_LOG_LEVEL=debug 可看详情 / internal error; QUNHUB_LOG_LEVEL=debug shows more: ${
    failure instanceof Error ? failure.message : String(failure)
  }`

const stacksOf = (failure: Error): string =>
  `${failure.stack}${failure.cause instanceof Error ? `\ncaused by ${stacksOf(failure.cause)}` : ''}`
