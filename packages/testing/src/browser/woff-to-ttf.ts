import { inflateSync } from 'node:zlib'

const WOFF_HEADER_BYTES = 44
const WOFF_ENTRY_BYTES = 20
const TTF_HEADER_BYTES = 12
const TTF_ENTRY_BYTES = 16

/** The tables of a WOFF 1 font, unpacked into a font file as fontconfig reads it: a WOFF in its folder makes all text vanish. */
export function woffToTtf(woff: Buffer): Buffer {
  const tableCount = woff.readUInt16BE(12)
  const header = Buffer.alloc(TTF_HEADER_BYTES + TTF_ENTRY_BYTES * tableCount)
  const exponent = Math.floor(Math.log2(tableCount))
  header.writeUInt32BE(woff.readUInt32BE(4), 0)
  header.writeUInt16BE(tableCount, 4)
  // What a binary search through the tables starts with.
  header.writeUInt16BE(TTF_ENTRY_BYTES << exponent, 6)
  header.writeUInt16BE(exponent, 8)
  header.writeUInt16BE(TTF_ENTRY_BYTES * tableCount - (TTF_ENTRY_BYTES << exponent), 10)

  const parts: Buffer[] = [header]
  let offset = header.length
  for (let at = 0; at < tableCount; at++) {
    const entry = WOFF_HEADER_BYTES + WOFF_ENTRY_BYTES * at
    const table = readTable(woff, entry)
    const written = TTF_HEADER_BYTES + TTF_ENTRY_BYTES * at
    woff.copy(header, written, entry, entry + 4)
    header.writeUInt32BE(woff.readUInt32BE(entry + 16), written + 4)
    header.writeUInt32BE(offset, written + 8)
    header.writeUInt32BE(table.length, written + 12)
    const padding = Buffer.alloc((4 - (table.length % 4)) % 4)
    parts.push(table, padding)
    offset += table.length + padding.length
  }
  return Buffer.concat(parts)
}

function readTable(woff: Buffer, entry: number): Buffer<ArrayBufferLike> {
  const [offset, packed, length] = [4, 8, 12].map(field => woff.readUInt32BE(entry + field)) as [
    number,
    number,
    number,
  ]
  const bytes = woff.subarray(offset, offset + packed)
  return packed < length ? inflateSync(bytes) : bytes
}
