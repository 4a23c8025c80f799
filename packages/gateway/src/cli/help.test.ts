import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Office, openOffice } from '@qunhub/testing/grounds/open-office.ts'
import { runCliHere } from '@qunhub/testing/processes/run-cli-here.ts'
import { type OperatorVerb, operatorVerbs } from '@qunhub/wire'
import type { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { openOperatorDoor } from '../http/doors/operator-door.ts'
import { silentLog } from '../system/log.ts'
import { commands as declared } from './commands.ts'
import { declareProgram, runCli } from './run-cli.ts'

const silent = { env: {}, out() {}, err() {} }

const everyCommand = (command: Command, path: readonly string[] = []): (readonly [string, Command])[] => [
  [path.join(' '), command],
  ...command.commands.flatMap(within => everyCommand(within, [...path, within.name()])),
]
const commands = everyCommand(declareProgram({ shell: silent, hear() {} }, declared, () => {}))

async function helpOf(path: string): Promise<string> {
  let told = ''
  const out = (text: string) => {
    told += text
  }
  await runCli([...path.split(' '), '--help'].filter(Boolean), { ...silent, out })
  return told
}

/** The lines behind `# what for` of a help. */
const examplesIn = (help: string): { what: string; line: string }[] =>
  [...help.matchAll(/^ {2}# (.+)\n {4}(.+)$/gm)].map(([, what, line]) => ({ what: what!, line: line! }))

const isBilingual = (words: string): boolean => /^[^/]*\p{Script=Han}.* \/ .*[a-z]/u.test(words)

describe('what help says', () => {
  test.each(commands.map(([path]) => path))(
    'CLI-96 it has an example, said in both languages: qunhub %s',
    async path => {
      const examples = examplesIn(await helpOf(path))
      expect(examples.length).toBeGreaterThan(0)
      for (const { what, line } of examples) {
        expect(what === 'bash' || what === 'zsh' || isBilingual(what), what).toBe(true)
        expect(line).toContain(path.split(' ').length === 2 ? `qunhub ${path}` : 'qunhub ')
      }
    },
  )

  test('CLI-96 every option and argument of a verb says what it is, in both languages', () => {
    const wordless = commands.flatMap(([path, { options, registeredArguments }]) =>
      [
        ...options.map(({ long, description }) => [long, description]),
        ...registeredArguments.map(argument => [argument.name(), argument.description]),
      ]
        .filter(([, words]) => !isBilingual(words ?? ''))
        .map(([name]) => `${path} ${name}`),
    )
    expect(wordless).toEqual([])
  })
})

describe('what a verb declares', () => {
  /** Of a command that asks its verb more than once. */
  const OWN_WAY: Readonly<Record<string, readonly string[]>> = {
    'login-bot': ['seen', 'waitSeconds'],
    'import-contacts': ['lines'],
    'list-callbacks-after': ['from', 'limit'],
  }

  /** What such a command asks for besides. */
  const OWN_OPTIONS: Readonly<Record<string, readonly string[]>> = {
    'list-callbacks-after': ['since', 'forwardTo', 'count', 'secretFile'],
  }

  test.each(Object.entries<OperatorVerb>(operatorVerbs))(
    'CLI-97 the command of %s takes every field of the verb, and no other',
    (name, { command: declared, input, summary }) => {
      const [noun, word] = declared.split(' ')
      const [, command] = commands.find(([path]) => path === `${noun} ${word}`)!
      expect(command.description()).toBe(summary)
      const options = command.options.map(option => option.attributeName())
      const taken = new Set([...options, ...command.registeredArguments.map(argument => argument.name())])
      const fields = Object.keys(input.shape as Record<string, z.ZodType>).filter(
        field => !OWN_WAY[name]?.includes(field),
      )
      const untaken = fields.filter(field => !taken.has(field) && !taken.has(`${field}File`))
      expect(untaken).toEqual([])
      const foreign = [...taken].filter(field => !fields.includes(field.replace(/File$/, '')))
      const own = ['yes', 'timeout', 'file', ...(OWN_OPTIONS[name] ?? [])]
      expect(foreign.filter(field => !own.includes(field))).toEqual([])
    },
  )
})

describe('what is pasted', () => {
  let office: Office
  let workspace: string
  let door: Awaited<ReturnType<typeof openOperatorDoor>>
  beforeAll(async () => {
    office = await openOffice()
    door = await openOperatorDoor({ dataDir: office.dataDir, deps: office.deps, log: silentLog })
    workspace = await office.workspaceNamed('客户成功部')
    for (const [file, text] of [
      ['puppet-token.txt', 'puppet_token_1'],
      ['callback-url.txt', 'https://user:word@crm.example.com/'],
      ['api-key.txt', 'key'],
      ['customers.csv', 'wxid,unionId\n7881300000000001,o1'],
    ] as const)
      await writeFile(join(office.dataDir, file), text)
  })
  afterAll(async () => {
    await door.close()
    await office.close()
  })

  const lines = Object.values<OperatorVerb>(operatorVerbs)
    .flatMap(({ examples }) => examples.map(([, line]) => line))
    // It asks, and here is nobody who could answer.
    .filter(line => line !== 'qunhub bot remove xiaobei')
    // It goes on until somebody ends it.
    .map(line => (line.startsWith('qunhub callback listen') ? `${line} --count 0` : line))

  test.each(lines)('CLI-96 an example is a command line that says what it means: %s', async line => {
    const words = line.slice(line.indexOf('qunhub ') + 'qunhub '.length).split(' ')
    const args = words.map(word => (/^[a-z-]+\.(txt|csv)$/.test(word) ? join(office.dataDir, word) : word))
    const env = { QUNHUB_DATA_DIR: office.dataDir, QUNHUB_WORKSPACE: workspace }
    const { exitCode, stderr } = await runCliHere(args.join(' '), env, { stdin: 'Bearer key' })
    // Refused it may be here, where no gateway runs; but never for how it is written.
    expect({ exitCode, stderr }).toEqual({ exitCode: expect.toBeOneOf([0, 1]), stderr: expect.any(String) })
  })
})
