/** What spreadsheets write text as; undefined where it is none of these. */
export function decodeTable(bytes: Uint8Array): string | undefined {
  for (const encoding of encodingsOf(bytes)) {
    const text = decode(bytes, encoding)
    if (text !== undefined) return text.replace(/^\uFEFF/, '')
  }
  return undefined
}

/** A workbook itself, and not the text that was meant. */
export const isWorkbook = (bytes: Uint8Array): boolean =>
  WORKBOOK_STARTS.some(start => start.every((byte, at) => bytes[at] === byte))
/** That of a zip, and that of the older kind. */
const WORKBOOK_STARTS = [
  [0x50, 0x4b, 0x03, 0x04],
  [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1],
]

/**
 * What is no UTF-8 is taken for GB18030, which Chinese Excel writes as "CSV". A wrong guess garbles names, which nobody keeps:
 * ids, delimiters and quotes are ASCII in both.
 */
function encodingsOf(bytes: Uint8Array): readonly string[] {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return ['utf-16le']
  if (first === 0xfe && second === 0xff) return ['utf-16be']
  // A letter and a zero, twice.
  if (bytes.length >= 4 && first !== 0 && second === 0 && bytes[2] !== 0 && bytes[3] === 0)
    return ['utf-16le']
  return ['utf-8', 'gb18030']
}

function decode(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch (failure) {
    if (failure instanceof TypeError) return undefined
    throw failure
  }
}
