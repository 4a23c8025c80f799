/**
 * Secrets on a command line stand in the history of the shell and in everybody's list of processes. So each can be given
 * in a file as well, or on stdin.
 */
import { open } from 'node:fs/promises'
import { type BothLanguages, fieldForm, fieldWords } from '@qunhub/wire'
import type { Command } from 'commander'
import type { z } from 'zod'
import type { Shell } from '../shell.ts'

export interface SecretField {
  /** The field of the verb that it fills. */
  readonly field: string
  readonly schema: z.ZodType
  /** It may not stand on the command line, and comes from stdin where no file is named. */
  readonly isNeverTyped: boolean
}

/** The secret cannot be read from where it is said to be; the message says why, and nothing of what it is. */
export class SecretUnreadable extends Error {
  override name = 'SecretUnreadable'
}

/** Far longer than any secret. */
const SECRET_BYTES_MAX = 64 * 1024
const STDIN = '-'

export function declareSecret(command: Command, { field, schema }: SecretField): void {
  const { chinese, english } = wordsOf(schema)
  command.option(
    `--${field}-file <file>`,
    `${chinese}: 从文件读取, ${STDIN} 为标准输入 / ${english}: read from a file, or with ${STDIN} from stdin`,
  )
}

/**
 * What was given, wherever it stands; one that may not stand on the command line is read from stdin where no file is named.
 * Throws {@link SecretUnreadable}; what is no such secret at all is for the verb to say.
 */
export async function takeSecret(
  command: Command,
  { field, schema, isNeverTyped }: SecretField,
  typed: unknown,
  { stdin }: Shell,
): Promise<string | undefined> {
  const file: unknown = command.opts()[`${field}File`]
  if (typed !== undefined && file !== undefined)
    return command.error(
      `error: ${field}: 命令行与 --${field}-file 二者取一 / on the command line or by --${field}-file, not both`,
    )
  if (typeof typed === 'string') return typed
  if (typeof file === 'string' && file !== STDIN) return readFileUpTo(file)
  if (file === STDIN || (isNeverTyped && stdin && !stdin.isTTY)) return readStdin(stdin)
  if (!fieldForm(schema).isRequired) return undefined
  return command.error(
    `error: 缺少 ${field}: ${wordsOf(schema).chinese}, 可用 --${field}-file <file> 给出 / ${field} is missing: give it by --${field}-file <file>`,
  )
}

const wordsOf = (schema: z.ZodType): BothLanguages => fieldWords(schema) ?? { chinese: '', english: '' }

async function readFileUpTo(file: string): Promise<string> {
  try {
    await using handle = await open(file)
    const { buffer, bytesRead } = await handle.read(
      Buffer.alloc(SECRET_BYTES_MAX + 1),
      0,
      SECRET_BYTES_MAX + 1,
    )
    return toSecret(buffer.subarray(0, bytesRead), file)
  } catch (cause) {
    if (cause instanceof SecretUnreadable || !(cause instanceof Error) || !('code' in cause)) throw cause
    throw new SecretUnreadable(`无法读取文件 ${file} / the file cannot be read: ${file} (${cause.code})`, {
      cause,
    })
  }
}

async function readStdin(stdin: Shell['stdin']): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stdin ?? []) {
    chunks.push(Buffer.from(chunk))
    bytes += chunk.length
    if (bytes > SECRET_BYTES_MAX) break
  }
  return toSecret(Buffer.concat(chunks), 'stdin')
}

/** Files and `echo` end in a line break, which is no part of it. */
function toSecret(bytes: Buffer, where: string): string {
  const secret = bytes.toString('utf8').trim()
  if (secret === '') throw new SecretUnreadable(`${where} 是空的 / ${where} is empty`)
  if (bytes.length > SECRET_BYTES_MAX)
    throw new SecretUnreadable(`${where} 太大 / ${where} is too large: ${SECRET_BYTES_MAX} bytes at most`)
  return secret
}
