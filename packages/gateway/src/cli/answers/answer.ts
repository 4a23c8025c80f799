import type { VerbName, VerbOutput } from '@qunhub/wire'
import type { Command } from 'commander'
import type { Shell } from '../shell.ts'

/** How people see what a verb answers, on a terminal of so many columns; left away, nothing is folded. */
export type Show<N extends VerbName> = (value: VerbOutput<N>, width?: number) => string

/** What a command has beside what its verb declares. */
export interface Answer<N extends VerbName> {
  readonly show: Show<N>
  /** What it tells is no good news: the command ends as if it had been refused. */
  readonly isBad?: (value: VerbOutput<N>) => boolean
  /** A secret that may not stand on the command line, and comes from stdin where no file is named. */
  readonly neverTyped?: string
  /** What is asked before it is done, of what the first argument names, unless `--yes` is there. */
  readonly sure?: (named: string) => string
}

/** A command that asks its verb in its own way, more than once. */
export interface OwnWay {
  /** Fields that it fills in itself. */
  readonly fills: readonly string[]
  /** Arguments of it that are no fields, and what they are, Chinese first. */
  readonly places?: Readonly<Record<string, string>>
  readonly declare: (command: Command, shell: Shell, exitWith: (code: number) => void) => void
}

/** Those about one noun stand on one page. */
export type Answers = { readonly [N in VerbName]?: Show<N> | Answer<N> | OwnWay }
