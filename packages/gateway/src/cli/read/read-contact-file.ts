import { readFile, stat } from 'node:fs/promises'
import { NoContacts, type NumberedLine, readContacts, requireNotTooLarge } from '@qunhub/wire/contact-file'

/** The file cannot be read as a list of contacts; the message says why, in words for the operator. */
export class ContactFileUnreadable extends Error {
  override name = 'ContactFileUnreadable'
}

/** Rejects with {@link ContactFileUnreadable}. */
export async function readContactFile(path: string): Promise<NumberedLine[]> {
  try {
    return readContacts(await readWhole(path))
  } catch (cause) {
    if (!(cause instanceof NoContacts)) throw cause
    const { chinese, english } = cause.why
    throw new ContactFileUnreadable(`${path}: ${chinese} / ${path}: ${english}`, { cause })
  }
}

async function readWhole(path: string): Promise<Buffer> {
  try {
    requireNotTooLarge((await stat(path)).size)
    return await readFile(path)
  } catch (cause) {
    if (cause instanceof NoContacts) throw cause
    const { code } = cause as NodeJS.ErrnoException
    throw new NoContacts(`无法读取 (${code})`, `it cannot be read (${code})`, cause)
  }
}
