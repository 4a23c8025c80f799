import { eventually } from '@qunhub/testing/eventually.ts'
import { type Desk, openDesk } from '@qunhub/testing/grounds/open-desk.ts'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { openCustomer } from '@qunhub/testing/receivers/customer.ts'
import { LOOPBACK } from '@qunhub/testing/receivers/loopback.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runCli } from './run-cli.ts'
import type { Shell } from './shell.ts'
import { columnWidth } from './show/column-width.ts'
import { UNTOLD_MAX_MS } from './show/long-work.ts'

let desk: Desk
beforeEach(async () => {
  desk = await openDesk()
  await desk.cli('workspace add 客户成功部')
})
afterEach(() => desk.close())

function terminal(given: Partial<Shell>) {
  const written = { out: '', err: '' }
  const shell: Shell = {
    env: { QUNHUB_DATA_DIR: desk.dataDir, QUNHUB_CALLBACK_ALLOW_CIDRS: LOOPBACK },
    out: text => {
      written.out += text
    },
    err: text => {
      written.err += text
    },
    ...given,
  }
  return { written, run: (args: string) => runCli(args.split(' '), shell) }
}

test.each(['workspace list', 'callback address', 'token list', 'explain create', 'explain addMember -8'])(
  'CLI-127 %s keeps within 60 columns of a terminal, and is one table elsewhere',
  async args => {
    await desk.cli('callback set-url https://crm.example.com/hook')
    const narrow = terminal({ columns: 60 })
    expect(await narrow.run(args)).toBe(0)
    expect(narrow.written.out.split('\n').filter(line => columnWidth(line) > 60)).toEqual([])
    const elsewhere = terminal({})
    await elsewhere.run(args)
    expect(elsewhere.written.out.length).toBeGreaterThan(0)
    expect(elsewhere.written.out.split('\n').length).toBeLessThanOrEqual(
      narrow.written.out.split('\n').length,
    )
  },
)

test('CLI-126 a command that waits for a gateway or a receiver says so after 2 s, on a terminal and not to programs', async () => {
  const answers: (() => void)[] = []
  const customer = await openCustomer(() => new Promise(resolve => answers.push(() => resolve(200))))
  desk.atEnd(customer.close)
  await desk.cli(`callback set-url ${customer.url}`)
  for (const [args, told] of [
    ['callback test', '等待 waiting: callback test … 2 s'],
    ['callback test --json', ''],
  ] as const) {
    const clock = new ManualClock()
    const { written, run } = terminal({ isTerminal: true, clock })
    const done = run(args)
    await eventually('the test is heard', () => answers.length === 1)
    clock.advance(UNTOLD_MAX_MS)
    expect(written.err).toBe(told && `\r\x1b[2K${told}`)
    answers.pop()!()
    expect(await done).toBe(0)
    expect(written.err).toBe(told && `\r\x1b[2K${told}\r\x1b[2K`)
  }
})
