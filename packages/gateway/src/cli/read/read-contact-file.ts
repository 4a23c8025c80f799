import { readFile, stat } from 'node:fs/promises'
import {
  CONTACT_FILE_BYTES_MAX,
  NoContacts,
  type NumberedLine,
  readContacts,
} from '@qunhub/wire/contact-file'

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
    // One that is too large is not read to be refused.
    if ((await stat(path)).size > CONTACT_FILE_BYTES_MAX)
      throw new NoContacts('大于 32 MiB, 请拆分', 'it is over 32 MiB: split it')
    return await readFile(path)
  } catch (cause) {
    if (cause instanceof NoContacts) throw cause
    const { code } = cause as NodeJS.ErrnoException
    throw new NoContacts(`无法读取 (${code})`, `it cannot be read (${code})`, cause)
  }
}
