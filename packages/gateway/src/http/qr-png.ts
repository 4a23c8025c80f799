import { crc32, deflateSync } from 'node:zlib'
import type { QrCode } from '../model/qr-code.ts'

const PIXELS_PER_MODULE = 8
const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex')
/** One bit a pixel, grey; the usual compression and filters, not interlaced. */
const ONE_BIT_GREY = [1, 0, 0, 0, 0]
const NO_FILTER = 0

/** The code as a PNG, black on white. A picture of one bit a pixel is little more than its rows: no library is needed. */
export function toPng(code: QrCode): Buffer {
  const pixels = code.length * PIXELS_PER_MODULE
  const header = Buffer.alloc(8)
  header.writeUInt32BE(pixels, 0)
  header.writeUInt32BE(pixels, 4)
  const rows = code.flatMap(modules => Array<Buffer>(PIXELS_PER_MODULE).fill(toRow(modules)))
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', Buffer.concat([header, Buffer.from(ONE_BIT_GREY)])),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

// A module is as wide as a byte has bits: eight pixels, all white or all black.
const toRow = (modules: readonly boolean[]): Buffer =>
  Buffer.from([NO_FILTER, ...modules.map(isDark => (isDark ? 0x00 : 0xff))])

function chunk(type: string, content: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), content])
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(content.length)
  checksum.writeUInt32BE(crc32(typed))
  return Buffer.concat([length, typed, checksum])
}
