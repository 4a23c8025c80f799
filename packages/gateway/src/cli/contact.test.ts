import { rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Office, openOffice } from '@qunhub/testing/grounds/open-office.ts'
import { runCliHere } from '@qunhub/testing/processes/run-cli-here.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openOperatorDoor } from '../http/doors/operator-door.ts'
import { DOOR_NOTE_FILE } from '../operator/door-note.ts'
import { contact, tenureOf, wxidOf } from '../store/contract/scene.contract.ts'
import { saveContacts } from '../store/rooms/contacts.ts'
import { silentLog } from '../system/log.ts'
import { runCli } from './run-cli.ts'

let office: Office
let door: Awaited<ReturnType<typeof openOperatorDoor>>
beforeEach(async () => {
  office = await openOffice()
  const workspace = await office.workspaceNamed('甲')
  const { botId } = await office.botInRoom(workspace)
  await saveContacts(office.deps.db, tenureOf(workspace, botId), [contact('lin'), contact('mo')])
  door = await openOperatorDoor({ dataDir: office.dataDir, deps: office.deps, log: silentLog })
})
afterEach(async () => {
  await door.close()
  await office.close()
})

const cli = (args: string) => runCliHere(args, { QUNHUB_DATA_DIR: office.dataDir })
const unionId = (letter: string) => `o${letter.repeat(27)}`

async function file(content: string): Promise<string> {
  const path = join(office.dataDir, 'contacts.csv')
  await writeFile(path, content)
  return path
}

test('CLI-80 a file that cannot be read ends with 2 and says why', async () => {
  const { exitCode, stdout, stderr } = await cli(`contact import ${office.dataDir}/nowhere.csv`)
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
  expect(stderr).toContain('nowhere.csv')
})

test('CLI-80 lines that cannot be taken are told by their numbers, the others are taken, and the end is 1', async () => {
  const path = await file(
    `wxid,unionId\n${wxidOf('lin')},${unionId('l')}\n7881300000009999,${unionId('x')}\n${wxidOf('mo')},what\n`,
  )
  const dry = await cli(`contact import ${path} --dry-run`)
  expect(dry.exitCode).toBe(1)
  expect(dry.stdout).toContain('试运行')
  expect(dry.stdout).toMatch(/^4 +格式有误 malformed +unionId: 应为 o 开头的 28 个字符 \(/m)
  expect((await cli('contact list')).stdout).not.toContain(unionId('l'))

  const { exitCode, stdout } = await cli(`contact import ${path} --json`)
  expect(exitCode).toBe(1)
  expect(JSON.parse(stdout)).toEqual({
    dryRun: false,
    counts: { updated: 1, unchanged: 0, unknown: 1, conflict: 0, malformed: 1 },
    lines: [
      { line: 2, outcome: 'updated', bots: 1 },
      { line: 3, outcome: 'unknown', bots: 0 },
      {
        line: 4,
        outcome: 'malformed',
        bots: 0,
        problems: [{ field: 'unionId', message: expect.stringContaining('应为 o 开头') }],
      },
    ],
  })
  expect((await cli('contact list')).stdout).toContain(unionId('l'))
})

test('CLI-80 where every line was taken the end is 0; more lines than one question holds are taken too', async () => {
  const rows = Array.from({ length: 600 }, () => `${wxidOf('lin')},${unionId('l')}`)
  const { exitCode, stdout, stderr } = await cli(
    `contact import ${await file(`wxid,unionId\n${rows.join('\n')}\n`)}`,
  )
  expect(exitCode).toBe(0)
  expect(stdout).toContain('已更新 updated 1, 无变化 unchanged 599')
  expect(stderr).toContain('600/600')
})

test('BOT-140 a cell that cannot be text is told as its line’s problem, and the others are taken', async () => {
  const lines = [
    `${wxidOf('lin')},${unionId('l')}`,
    `${wxidOf('mo')}\0,${unionId('x')}`,
    `${wxidOf('mo')},${'o'.repeat(127)}😀😀`,
    `${wxidOf('mo')},${unionId('m')}`,
  ]
  const { exitCode, stdout, stderr } = await cli(
    `contact import ${await file(`wxid,unionId\n${lines.join('\n')}\n`)} --json`,
  )
  expect(JSON.parse(stdout).lines).toEqual([
    { line: 2, outcome: 'updated', bots: 1 },
    { line: 3, outcome: 'malformed', bots: 0, problems: [{ field: 'wxid', message: expect.any(String) }] },
    { line: 4, outcome: 'malformed', bots: 0, problems: [{ field: 'unionId', message: expect.any(String) }] },
    { line: 5, outcome: 'updated', bots: 1 },
  ])
  expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '导入 import: contact 4/4\n' })
})

test('BOT-140 a file of nothing but such lines is told line by line', async () => {
  const { exitCode, stdout } = await cli(`contact import ${await file('wxid,unionId\n\0,o\n')} --json`)
  expect(exitCode).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({ lines: [{ line: 2, outcome: 'malformed', bots: 0 }] })
})

test('CLI-80 a workspace that there is not is refused as with any command', async () => {
  const path = await file(`wxid,unionId\n${wxidOf('lin')},${unionId('l')}\n`)
  const { exitCode, stderr } = await cli(`contact import ${path} --workspace what --json`)
  expect(exitCode).toBe(1)
  expect(JSON.parse(stderr)).toMatchObject({ refused: 'workspace-unknown' })
})

test.each(['', ' --json'])(
  'BOT-140 what was taken before a failure is told, and how much is left%s',
  async json => {
    const rows = [
      `${wxidOf('lin')},${unionId('l')}`,
      ...Array.from({ length: 599 }, () => `${wxidOf('mo')},${unionId('m')}`),
    ]
    const path = await file(`wxid,unionId\n${rows.join('\n')}\n`)
    let [stdout, stderr] = ['', '']
    const exitCode = await runCli(`contact import ${path}${json}`.split(' '), {
      env: { QUNHUB_DATA_DIR: office.dataDir },
      isTerminal: true,
      out: text => {
        stdout += text
      },
      // The way to the gateway’s door is gone at the moment when the first lines are told, before the next are asked for
      // (a door that closes might still let those in); the store behind it is not to be had.
      err: text => {
        stderr += text
        if (text.includes('500/600')) rmSync(join(office.dataDir, DOOR_NOTE_FILE))
      },
    })
    expect(exitCode).toBe(1)
    expect(stderr).toContain('主密钥')
    if (json) expect(JSON.parse(stdout)).toMatchObject({ counts: { updated: 2, unchanged: 498 }, left: 100 })
    else {
      expect(stdout).toContain('已更新 updated 2, 无变化 unchanged 498')
      expect(stdout).toContain('其余 100 行')
    }
  },
)
