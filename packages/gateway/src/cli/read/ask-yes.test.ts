import { Readable } from 'node:stream'
import { type Desk, openDesk } from '@qunhub/testing/grounds/open-desk.ts'
import { expect, test } from 'vitest'
import { runCli } from '../run-cli.ts'

async function run(desk: Desk, args: string, typed?: string) {
  let [stdout, stderr] = ['', '']
  const stdin = typed === undefined ? undefined : Object.assign(Readable.from([typed]), { isTTY: true })
  const exitCode = await runCli(args.split(' '), {
    env: { QUNHUB_DATA_DIR: desk.dataDir },
    isTerminal: stdin !== undefined,
    ...(stdin && { stdin }),
    out: text => {
      stdout += text
    },
    err: text => {
      stderr += text
    },
  })
  return { exitCode, stdout, stderr }
}

test('CLI-95 what cannot be undone is asked about first, and only a yes goes on', async () => {
  const desk = await openDesk()
  try {
    await run(desk, 'workspace add 甲')
    for (const token of ['puppet_one', 'puppet_two'])
      await run(desk, `bot add --endpoint 127.0.0.1:1 --token ${token} --user-id ${token}`)
    const bots = async () => (await run(desk, 'bot list')).stdout

    for (const typed of ['n\n', '\n', 'yes, of course\n', '']) {
      const { exitCode, stderr } = await run(desk, 'bot remove puppet_one', typed)
      expect(exitCode).toBe(1)
      expect(stderr).toMatch(/^移除机器人 puppet_one.*\[y\/N\] /)
    }
    expect(await bots()).toContain('puppet_one')

    const unasked = await run(desk, 'bot remove puppet_one')
    expect(unasked.exitCode).toBe(2)
    expect(unasked.stderr).toContain('--yes')
    expect(await bots()).toContain('puppet_one')

    expect(await run(desk, 'bot remove puppet_one', 'y\n')).toMatchObject({ exitCode: 0 })
    expect(await run(desk, 'bot remove puppet_two --yes')).toMatchObject({ exitCode: 0, stderr: '' })
    expect(await bots()).not.toMatch(/puppet_(one|two)/)
  } finally {
    await desk.close()
  }
})
