import type { Progress } from '../store/copy-store.ts'

const WIDTH = 30
/** More often nobody can read it. */
const REDRAW_MS = 100

export interface ProgressBar {
  readonly show: (progress: Progress) => void
  end(): void
}

/** A bar a table on a terminal; elsewhere a line a table, so that logs stay readable. */
export function progressBar(to: NodeJS.WriteStream): ProgressBar {
  let drawnAt = 0
  let line = ''
  const show = ({ table, rows, of }: Progress): void => {
    const isDone = rows >= of
    const text = `${table.padEnd(18)} ${bar(rows, of)} ${rows}/${of}`
    if (!to.isTTY) {
      if (isDone && text !== line) to.write(`${table} ${rows}/${of}\n`)
      line = text
      return
    }
    if (!isDone && performance.now() - drawnAt < REDRAW_MS) return
    drawnAt = performance.now()
    line = text
    to.write(`\r\x1b[2K${text}`)
  }
  return {
    show,
    end() {
      if (to.isTTY && line) to.write('\r\x1b[2K')
    },
  }
}

function bar(rows: number, of: number): string {
  const filled = of === 0 ? WIDTH : Math.min(WIDTH, Math.round((rows / of) * WIDTH))
  return `[${'█'.repeat(filled)}${'·'.repeat(WIDTH - filled)}]`
}
