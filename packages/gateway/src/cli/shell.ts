import type { Command } from 'commander'
import type { Clock } from '../system/clock.ts'

/** What a command has of the world around it, so that nothing below main.ts reaches for globals. */
export interface Shell {
  readonly env: Record<string, string | undefined>
  /** Writes to stdout: what was asked for, and nothing else. */
  out(text: string): void
  /** Writes to stderr: whatever people should know besides. */
  err(text: string): void
  /** What is given to the command; nothing where it is left away. */
  readonly stdin?: AsyncIterable<Uint8Array | string> & { readonly isTTY?: boolean }
  /** How wide the terminal is to which stdout goes; left away where it goes to none, and then nothing is folded. */
  readonly columns?: number | undefined
  /** By which it is told how long something takes; the system's where it is left away. */
  readonly clock?: Clock
  /** Whether somebody watches stderr as it is written. */
  readonly isTerminal?: boolean
}

/** What a group of commands is given: where it goes, the world, and a way to say how it ended. */
export type Declare = (program: Command, shell: Shell, exitWith: (code: number) => void) => void
