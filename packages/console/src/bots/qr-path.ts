import { encodeQR } from 'qr'

/** What the largest QR code holds. */
const QR_CODE_BYTES_MAX = 2953

/** The modules of a text with a border of one. Empty for an empty text, and for one that no code can hold. */
export function modulesOf(text: string): boolean[][] {
  const bytes = new TextEncoder().encode(text).length
  return bytes === 0 || bytes > QR_CODE_BYTES_MAX ? [] : encodeQR(text, 'raw', { ecc: 'low', border: 1 })
}

/** The dark modules as one path: a run of them in a row is one stroke. */
export const qrPath = (modules: readonly (readonly boolean[])[]): string =>
  modules
    .flatMap((row, y) =>
      row.flatMap((dark, x) => {
        if (!dark || row[x - 1]) return []
        const end = row.indexOf(false, x)
        const width = (end < 0 ? row.length : end) - x
        return [`M${x} ${y}h${width}v1h${-width}z`]
      }),
    )
    .join('')
