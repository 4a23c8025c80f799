import { crc32, inflateSync } from 'node:zlib'
import decodeQR from 'qr/decode.js'
import { expect } from 'vitest'

/** What a scanner reads from a picture of a QR code. */
export const scan = (png: Buffer): string => decodeQR(readPng(png))

/** Reads a PNG of one bit a pixel without filters, and holds every checksum; as RGBA. */
function readPng(png: Buffer): { width: number; height: number; data: Uint8ClampedArray } {
  expect(png.subarray(0, 8).toString('latin1')).toBe('\u0089PNG\r\n\u001A\n')
  const chunks: [type: string, content: Buffer][] = []
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at)
    expect(png.readUInt32BE(at + 8 + length)).toBe(crc32(png.subarray(at + 4, at + 8 + length)))
    chunks.push([png.toString('latin1', at + 4, at + 8), png.subarray(at + 8, at + 8 + length)])
    at += 12 + length
  }
  expect(chunks.map(([type]) => type)).toEqual(['IHDR', 'IDAT', 'IEND'])
  const header = chunks[0]![1]
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)]
  expect([...header.subarray(8)]).toEqual([1, 0, 0, 0, 0])
  const rows = inflateSync(chunks[1]![1])
  const rowBytes = 1 + Math.ceil(width / 8)
  expect(rows).toHaveLength(rowBytes * height)
  const data = new Uint8ClampedArray(width * height * 4)
  for (let y = 0; y < height; y += 1) {
    expect(rows[y * rowBytes]).toBe(0)
    for (let x = 0; x < width; x += 1) {
      const bit = (rows[y * rowBytes + 1 + (x >> 3)]! >> (7 - (x & 7))) & 1
      data.set([bit * 255, bit * 255, bit * 255, 255], (y * width + x) * 4)
    }
  }
  return { width, height, data }
}
