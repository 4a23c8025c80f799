import type { Shell } from '../shell.ts'

export interface CheckProgress {
  show(done: number, of: number): void
  end(): void
}

/** Where somebody watches, how many checks are done; a log is told nothing, for it has the report in the end. */
export const openCheckProgress = ({ err, isTerminal = false }: Shell): CheckProgress =>
  isTerminal
    ? {
        show: (done, of) => err(`\r\x1b[2K检查 checks ${done}/${of}`),
        end: () => err('\r\x1b[2K'),
      }
    : { show() {}, end() {} }
