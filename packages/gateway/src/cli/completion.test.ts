import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCliHere } from '@qunhub/testing/processes/run-cli-here.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'qunhub-completion-'))
  for (const shell of ['bash', 'zsh'])
    await writeFile(join(folder, shell), (await runCliHere(`completion ${shell}`, {})).stdout)
  await writeFile(join(folder, 'puppet-token.txt'), '')
})
afterAll(() => rm(folder, { recursive: true }))

/** What bash's function offers behind a command line; its last word is the one that is being typed. */
function complete(line: string): string[] {
  const words = line.split(' ')
  const script = `source "$1"; cd "$2"; shift 2; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _qunhub; printf '%s\\n' "\${COMPREPLY[@]}"`
  const stdout = execFileSync('bash', [
    '-c',
    script,
    'bash',
    join(folder, 'bash'),
    folder,
    ...words,
  ]).toString()
  return stdout.split('\n').filter(Boolean)
}

test.each([
  ['the groups and commands', 'qunhub ', ['serve', 'copy', 'bot', 'callback', 'completion']],
  ['the commands of a group', 'qunhub tag ', ['add', 'rename', 'remove', 'list', 'assign', 'unassign']],
  [
    'options, those of every command too',
    'qunhub bot set xiaobei --',
    ['--endpoint', '--no-tls', '--token-file', '--workspace', '--json'],
  ],
  ['the options of a command that takes nothing else', 'qunhub bot list ', ['--workspace', '--json']],
  ['a command behind an option and its value', 'qunhub --data-dir bot token ', ['issue', 'list', 'revoke']],
])('CLI-98 bash completes %s', (_what, line, offered) => {
  expect(complete(line)).toEqual(expect.arrayContaining(offered))
})

test.each([
  ['a word that is begun', 'qunhub callb', ['callback']],
  ['what an option may be', 'qunhub callback list --state ', ['due', 'delivered', 'parked', 'quarantined']],
  [
    'what an option may be, begun',
    'qunhub callback list --kind room/',
    ['room/joined', 'room/left', 'room/topic'],
  ],
  ['on and off', 'qunhub workspace set --room-left o', ['on', 'off']],
  [
    'what an argument may be',
    'qunhub callback steer-replay 5dbe8287184b7cb41f526751 ',
    ['pause', 'continue', 'cancel'],
  ],
  ['what an option of copy may be', 'qunhub copy --from ', ['sqlite', 'postgres']],
  ['a file where a file is wanted', 'qunhub bot add --token-file pup', ['puppet-token.txt']],
  ['nothing where only its owner knows', 'qunhub bot add --endpoint ', []],
  ['nothing of a command that there is not', 'qunhub bot fly --sp', []],
])('CLI-98 bash completes %s, and nothing else', (_what, line, offered) => {
  expect(complete(line)).toEqual(offered)
})

test('CLI-98 zsh is given the same function, and what it needs to run it', async () => {
  const { stdout: bash } = await runCliHere('completion bash', {})
  const { stdout: zsh } = await runCliHere('completion zsh', {})
  expect(zsh).toContain('bashcompinit')
  expect(zsh.endsWith(bash)).toBe(true)
  expect(await runCliHere('completion fish', {})).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('bash、zsh'),
  })
})
