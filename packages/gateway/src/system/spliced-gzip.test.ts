import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { deflatePiece, SplicedGzip, storePiece } from './spliced-gzip.ts'

const WAYS = {
  deflated: (gzip: SplicedGzip, text: Uint8Array) => gzip.add(deflatePiece(text)),
  stored: (gzip: SplicedGzip, text: Uint8Array) => gzip.add(storePiece(text)),
  plain: (gzip: SplicedGzip, text: Uint8Array) => gzip.addPlain(text),
}
/** Beyond 65,535 bytes a text takes two blocks. */
const texts = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.nat(3).map(n => '群成员昵称'.repeat(n * 4500)),
  fc.constant('x'.repeat(0xffff)),
)

test('LT-12 however its pieces were made, what was spliced unpacks to all of them', () => {
  const pieces = fc.array(
    fc.record({ text: texts, way: fc.constantFrom(...(Object.keys(WAYS) as (keyof typeof WAYS)[])) }),
  )
  fc.assert(
    fc.property(pieces, texts, fc.nat(5), (some, last, takenBefore) => {
      const gzip = new SplicedGzip()
      const taken: Buffer[] = []
      for (const [n, { text, way }] of some.entries()) {
        if (n === takenBefore) taken.push(gzip.take())
        WAYS[way](gzip, Buffer.from(text))
      }
      gzip.end(Buffer.from(last))
      taken.push(gzip.take())
      // It compares the sum and the length, too.
      const unpacked = gunzipSync(Buffer.concat(taken)).toString()
      expect(unpacked).toBe(some.map(({ text }) => text).join('') + last)
    }),
  )
})
