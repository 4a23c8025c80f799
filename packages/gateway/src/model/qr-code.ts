import { encodeQR } from 'qr'

/** Rows of modules, dark or light, with the quiet border that scanners want around it. */
export type QrCode = readonly (readonly boolean[])[]

/** What the largest QR code holds. */
const QR_CODE_BYTES_MAX = 2953
const BORDER_MODULES = 4

/** A text as a QR code, as small as it can be: it is scanned from a screen, not from crumpled paper. Null when it is too long. */
export function toQrCode(text: string): QrCode | null {
  if (Buffer.byteLength(text) > QR_CODE_BYTES_MAX) return null
  return encodeQR(text, 'raw', { ecc: 'low', border: BORDER_MODULES })
}
