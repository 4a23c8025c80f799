import decodeQR from 'qr/decode.js'
import { expect, test } from 'vitest'
import { toQrCode } from '../../model/qr-code.ts'
import { drawQrCode } from './draw-qr-code.ts'

const text = 'https://login.work.weixin.qq.com/wwqrlogin/login?key=3f9c01d2a7'
const PIXELS = 6

/** What a camera sees of the lines, on a screen whose ink and paper have these brightnesses. */
function photograph(drawn: string, { ink, paper }: { ink: number; paper: number }) {
  const rows = drawn.split('\n').flatMap(line => {
    const halves = [...line].map(each => ({ '█': [1, 1], '▀': [1, 0], '▄': [0, 1], ' ': [0, 0] })[each]!)
    return [halves.map(([upper]) => upper), halves.map(([, lower]) => lower)]
  })
  const [width, height] = [rows[0]!.length * PIXELS, rows.length * PIXELS]
  const data = new Uint8ClampedArray(width * height * 4)
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const grey = rows[Math.floor(y / PIXELS)]![Math.floor(x / PIXELS)] ? ink : paper
      data.set([grey, grey, grey, 255], (y * width + x) * 4)
    }
  }
  return { width, height, data }
}

test('BOT-116 a terminal shows the code black on white whatever its own colours are, and a scanner reads it', () => {
  const drawn = drawQrCode(toQrCode(text)!, { colours: true })
  const painted = /^\u001B\[38;5;16;48;5;231m([ ▀▄█]+)\u001B\[0m$/
  const lines = drawn.split('\n').map(line => painted.exec(line)?.[1] ?? 'unpainted')
  expect(decodeQR(photograph(lines.join('\n'), { ink: 0, paper: 255 }))).toBe(text)
})

test('BOT-116 without colours a dark terminal shows it, by its light modules', () => {
  const drawn = drawQrCode(toQrCode(text)!, { colours: false })
  expect(drawn).not.toContain('\u001B')
  expect(decodeQR(photograph(drawn, { ink: 255, paper: 0 }))).toBe(text)
})

test('BOT-116 it fits into 80 columns', () => {
  const widest = Math.max(
    ...drawQrCode(toQrCode(text)!, { colours: false })
      .split('\n')
      .map(line => line.length),
  )
  expect(widest).toBeLessThanOrEqual(80)
})
