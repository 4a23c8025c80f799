import type { QrCode } from '../../model/qr-code.ts'

/** Black on white whatever the colours of the terminal: by numbers that no theme changes. */
const BLACK_ON_WHITE = '\u001B[38;5;16;48;5;231m'
const AS_BEFORE = '\u001B[0m'

/**
 * A QR code for a terminal, two rows of modules a line. Without colours (NO_COLOR) light modules are drawn instead of dark
 * ones: right on a dark screen, and read by most scanners on a light one.
 */
export function drawQrCode(code: QrCode, { colours }: { colours: boolean }): string {
  const isInk = (module: boolean | undefined): boolean => (module ?? false) === colours
  const lines: string[] = []
  for (let at = 0; at < code.length; at += 2) {
    const [upper = [], lower = []] = [code[at], code[at + 1]]
    const line = upper.map((module, column) => halves(isInk(module), isInk(lower[column]))).join('')
    lines.push(colours ? BLACK_ON_WHITE + line + AS_BEFORE : line)
  }
  return lines.join('\n')
}

const halves = (upper: boolean, lower: boolean): string => (upper ? (lower ? '█' : '▀') : lower ? '▄' : ' ')
