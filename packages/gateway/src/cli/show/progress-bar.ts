import type { Progress } from '../../store/copy/copy-rows.ts'
import type { Shell } from '../shell.ts'

const WIDTH = 30
const NAME_COLUMNS = 17
/** More often nobody can read it. */
const REDRAW_MS = 100

export interface ProgressBar {
  show(step: string, progress: Progress): void
  end(): void
}

/** A bar that runs once a table where people watch; elsewhere a line a table, so that logs stay readable. */
export const openProgressBar = ({
  err,
  isTerminal = false,
}: Pick<Shell, 'err' | 'isTerminal'>): ProgressBar => (isTerminal ? drawnBar(err) : lines(err))

function drawnBar(write: (text: string) => void): ProgressBar {
  let drawnAt = Number.NEGATIVE_INFINITY
  return {
    show(step, { table, rows, of }) {
      if (rows < of && performance.now() - drawnAt < REDRAW_MS) return
      drawnAt = performance.now()
      write(`\r\x1b[2K${step} ${table.padEnd(NAME_COLUMNS)} ${bar(rows, of)} ${rows}/${of}`)
    },
    // It was for those who waited; what stays is the table of the end.
    end: () => write('\r\x1b[2K'),
  }
}

function lines(write: (text: string) => void): ProgressBar {
  let said = ''
  return {
    show(step, { table, rows, of }) {
      const line = `${step}: ${table} ${rows}/${of}\n`
      if (rows < of || line === said) return
      said = line
      write(line)
    },
    end() {},
  }
}

function bar(rows: number, of: number): string {
  // More may be there than were counted.
  const filled = of === 0 ? WIDTH : Math.min(WIDTH, Math.round((rows / of) * WIDTH))
  return `[${'█'.repeat(filled)}${'·'.repeat(WIDTH - filled)}]`
}
