import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Office, openOffice } from '@qunhub/testing/grounds/open-office.ts'
import { runCliHere } from '@qunhub/testing/processes/run-cli-here.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openOperatorDoor } from '../../http/doors/operator-door.ts'
import { openSecrets } from '../../store/outbox/receiver-secrets.ts'
import { silentLog } from '../../system/log.ts'

let office: Office
let door: Awaited<ReturnType<typeof openOperatorDoor>>
beforeEach(async () => {
  office = await openOffice()
  door = await openOperatorDoor({ dataDir: office.dataDir, deps: office.deps, log: silentLog })
  await office.workspaceNamed('甲')
})
afterEach(async () => {
  await door.close()
  await office.close()
})

const cli = (args: string, stdin?: string) =>
  runCliHere(args, { QUNHUB_DATA_DIR: office.dataDir }, stdin === undefined ? {} : { stdin })
async function file(content: string): Promise<string> {
  const path = join(office.dataDir, 'secret.txt')
  await writeFile(path, content)
  return path
}
const puppetTokens = async () => {
  const { db, keyring } = office.deps
  const rows = await db.all(db.query.selectFrom('bot').select('token_sealed').compile())
  return rows.map(row => keyring.open(row.token_sealed))
}
const ADD = 'bot add --endpoint 127.0.0.1:18788'

test('CLI-90 a puppet token is taken from the command line, a file or stdin, without the line break at its end', async () => {
  expect(await cli(`${ADD} --token puppet_typed`)).toMatchObject({ exitCode: 0 })
  expect(await cli(`${ADD} --token-file ${await file('puppet_of_file\r\n')}`)).toMatchObject({ exitCode: 0 })
  expect(await cli(`${ADD} --token-file -`, 'puppet_of_stdin\n')).toMatchObject({ exitCode: 0 })
  expect(new Set(await puppetTokens())).toEqual(
    new Set(['puppet_typed', 'puppet_of_file', 'puppet_of_stdin']),
  )
})

test.each([
  ['is given twice', `${ADD} --token puppet_typed --token-file -`, 'puppet_of_stdin', 2],
  ['is missing', ADD, 'puppet_of_stdin', 2],
  ['is in a file that is not there', `${ADD} --token-file /nowhere/at-all`, '', 1],
  ['is in an empty file', `${ADD} --token-file -`, '\n', 1],
  ['is no token', `${ADD} --token-file -`, 'canary no token', 2],
  ['is far too long', `${ADD} --token-file -`, 'canary'.repeat(100_000), 1],
])(
  'CLI-90 a secret that %s is refused, told with its option, and not repeated',
  async (_what, args, stdin, code) => {
    const { exitCode, stdout, stderr } = await cli(args, stdin)
    expect({ exitCode, stdout }).toEqual({ exitCode: code, stdout: '' })
    expect(stderr).not.toMatch(/canary|puppet_of_stdin|puppet_typed/)
    expect(stderr).toMatch(/token|empty|too large|nowhere/)
    expect(await puppetTokens()).toEqual([])
  },
)

test('CLI-90 a secret that is not given is asked for by its name, what it is, and how it can be given', async () => {
  const { exitCode, stderr } = await runCliHere('bot add --endpoint 127.0.0.1:1', {})
  expect(exitCode).toBe(2)
  expect(stderr).toContain('缺少 token: puppet 的 token, 可用 --token-file <file> 给出 / token is missing')
})

test('CLI-90 CB-13 the value of a header comes from stdin or a file only, and no output shows it', async () => {
  await office.value('set-callback-url', { url: 'https://crm.example.com/' })
  const piped = await cli('callback set-header X-Api-Key', 'canary-1\n')
  const filed = await cli(`callback set-header X-Api-Key --value-file ${await file('canary-2')}`)
  const shown = await cli('callback address')
  for (const { exitCode, stdout, stderr } of [piped, filed, shown]) {
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout).toContain('X-Api-Key')
    expect(stdout).not.toContain('canary')
  }
  const { db, keyring } = office.deps
  const row = await db.first(db.query.selectFrom('callback_address').select('secrets_sealed').compile())
  expect(openSecrets(keyring, row!.secrets_sealed).header).toEqual({ name: 'X-Api-Key', value: 'canary-2' })
  expect(await cli('callback set-header X-Api-Key canary-3')).toMatchObject({ exitCode: 2 })
  expect((await cli('callback set-header X-Api-Key')).stderr).toContain('--value-file')
})

test('CLI-90 CB-13 a base with a password is taken from a file, and shown without it', async () => {
  const url = 'https://user:canary@crm.example.com/hook'
  const { exitCode, stdout } = await cli(`callback set-url --url-file ${await file(`${url}\n`)}`)
  expect(exitCode).toBe(0)
  expect(stdout).toContain('https://crm.example.com/hook')
  expect(stdout).toContain('Authorization')
  expect(stdout).not.toContain('canary')
})

test('CLI-90 no option takes a secret as its value without another way to give it', async () => {
  const pages: string[] = []
  for (const group of ['workspace', 'token', 'bot', 'tag', 'room', 'callback', 'contact', 'alert']) {
    const { stdout } = await cli(`${group} --help`)
    for (const [, command] of stdout.matchAll(/^ {2}([a-z]+(?:-[a-z]+)*) /gm))
      if (command !== 'help') pages.push((await cli(`${group} ${command} --help`)).stdout)
  }
  expect(pages.length).toBeGreaterThan(30)
  const alone = pages.flatMap(page =>
    [...page.matchAll(/--([a-z-]*(?:token|secret|password|key|value|credential)[a-z-]*) </g)]
      .map(([, option]) => option!)
      .filter(option => !option.endsWith('-file') && !page.includes(`--${option}-file <`)),
  )
  expect(alone).toEqual([])
})
