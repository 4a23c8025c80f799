/**
 * What a command that looks something over has to say: a line for each thing it looked at, and of those that want something
 * what was expected, how it was seen, and what to do.
 */
import { type BothLanguages, inBoth } from '@qunhub/wire'
import { EXIT_DONE, EXIT_FAILED } from '../exit-codes.ts'
import { type Column, renderFacts, renderTable } from './table.ts'

/**
 * `warned`: it works, and somebody should know of it. `unseen`: from where we stand it cannot be seen. `skipped`: it was not
 * looked at, for a reason that is told.
 */
export type Verdict = 'passed' | 'failed' | 'warned' | 'unseen' | 'skipped'

export interface Finding {
  /** A word for programs. */
  readonly check: string
  /** What was looked at; short enough for a line. */
  readonly what: BothLanguages
  readonly verdict: Verdict
  readonly seen: BothLanguages
  /** What to do about it. */
  readonly next?: BothLanguages | undefined
}

/** The same words in both languages: `says('超时', 'a timeout')`. */
export const says = (chinese: string, english: string): BothLanguages => ({ chinese, english })

/** Only what failed makes a program fail; what could not be seen is told, and blames nobody. */
export const exitCodeOf = (findings: readonly Finding[]): number =>
  findings.some(({ verdict }) => verdict === 'failed') ? EXIT_FAILED : EXIT_DONE

/** For people: the table, then what wants something done, then how many of each. */
export const renderReport = (findings: readonly Finding[], shown: Shown = {}): string =>
  [
    renderTable(findings, shown.showsSeen ? [...columns, seenColumn] : columns, shown.columns),
    ...byNext(findings).map(alike => asFacts(alike, shown)),
    countWords(findings),
  ].join('\n\n')

export interface Shown {
  /** Folded to so many columns; left away, to none. */
  readonly columns?: number | undefined
  /** What was seen stands in the table, too, of what is well as well. */
  readonly showsSeen?: boolean
}

/** For programs, who were told where to look by `target`. */
export const reportForPrograms = (target: string, findings: readonly Finding[]) => ({
  target,
  passed: exitCodeOf(findings) === EXIT_DONE,
  counts: countVerdicts(findings),
  findings,
})

const columns: readonly Column<Finding>[] = [
  { title: '结果 result', cell: ({ verdict }) => verdictWords[verdict] },
  { title: '检查 check', cell: ({ what }) => inBoth(what), whole: true },
  { title: '名称 name', cell: ({ check }) => check, whole: true },
]

const seenColumn: Column<Finding> = { title: '所见 seen', cell: ({ seen }) => inBoth(seen), whole: true }

const verdictWords: Readonly<Record<Verdict, string>> = {
  passed: '✓ 通过 passed',
  failed: '✗ 不符 failed',
  warned: '! 注意 warned',
  unseen: '? 看不到 unseen',
  skipped: '- 跳过 skipped',
}

const wantsWords = ({ verdict }: Finding): boolean => verdict !== 'passed' && verdict !== 'skipped'

/** What is to be done is often the same for several, and is said once. */
const byNext = (findings: readonly Finding[]): readonly Finding[][] => [
  ...Map.groupBy(
    findings.filter(wantsWords),
    ({ verdict, check, next }) => `${verdict} ${next?.english ?? check}`,
  ).values(),
]

const asFacts = (alike: readonly Finding[], { columns }: Shown): string =>
  renderFacts(
    [
      ...alike.flatMap(({ verdict, check, what, seen }) => [
        [verdictWords[verdict], `${inBoth(what)} (${check})`] as const,
        ['所见 seen', inBoth(seen)] as const,
      ]),
      ...(alike[0]?.next ? [['下一步 next', inBoth(alike[0].next)] as const] : []),
    ],
    columns,
  )

function countVerdicts(findings: readonly Finding[]): Record<Verdict, number> {
  const counts = { passed: 0, failed: 0, warned: 0, unseen: 0, skipped: 0 }
  for (const { verdict } of findings) counts[verdict]++
  return counts
}

const countWords = (findings: readonly Finding[]): string =>
  Object.entries(countVerdicts(findings))
    .filter(([, count]) => count > 0)
    .map(([verdict, count]) => `${verdictWords[verdict as Verdict]} ${count}`)
    .join(', ')
