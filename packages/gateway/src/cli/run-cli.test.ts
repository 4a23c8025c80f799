import { existsSync } from 'node:fs'
import { access, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Desk, openDesk } from '@qunhub/testing/grounds/open-desk.ts'
import { startCli } from '@qunhub/testing/processes/cli-process.ts'
import { runCliHere } from '@qunhub/testing/processes/run-cli-here.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { VERSION } from '../version.ts'
import { runCli } from './run-cli.ts'

/** A dozen processes one after another, on a machine that runs other tests besides. */
const PROCESSES_TIMEOUT_MS = 120_000

let desk: Desk

beforeEach(async () => {
  desk = await openDesk()
})
afterEach(() => desk.close())

/** As the shell runs it: what a process writes where, and with which code it ends. */
const inProcess = (args: string) => desk.cliProcess(args)

describe.each([
  ['with no gateway', async () => {}, inProcess],
  ['through the door of a gateway', () => desk.openDoor(), (args: string) => desk.cli(args)],
])('%s', (_how, begin, cli) => {
  test(
    'CLI-10 every command prints with --json what the contract declares, and nothing else',
    async () => {
      await begin()
      const { id } = await desk.json('add-workspace', 'workspace add 甲')
      expect((await desk.json('list-workspaces', 'workspace list')).workspaces).toMatchObject([
        { id, name: '甲' },
      ])
      expect(await desk.json('set-workspace', 'workspace set --show-wecom-chat-id on')).toMatchObject({
        showWecomChatId: true,
      })
      const callbacks =
        '--joined-on-any-member on --room-joined on --room-left off --room-topic on --chatroom-loaded off'
      expect(await desk.json('set-workspace', `workspace set ${callbacks}`)).toMatchObject({
        showWecomChatId: true,
        chatroomJoined: true,
        chatroomLoaded: false,
        joinedOnAnyMember: true,
        roomJoined: true,
        roomLeft: false,
        roomTopic: true,
      })

      const issued = await desk.json('issue-token', `token issue --label 客服 --workspace ${id}`)
      expect(issued).toMatchObject({ workspaceId: id, label: '客服' })
      expect((await desk.json('list-tokens', 'token list')).tokens).toMatchObject([
        { id: issued.id, revokedAt: null },
      ])
      expect(await desk.json('revoke-token', `token revoke ${issued.id}`)).toMatchObject({ id: issued.id })

      const bot = await desk.json(
        'add-bot',
        'bot add --endpoint 127.0.0.1:18788 --token puppet_1 --user-id lin --tls',
      )
      expect(bot).toMatchObject({ endpoint: '127.0.0.1:18788', expectedUserId: 'lin', tls: true })
      expect((await desk.json('list-bots', 'bot list')).bots).toEqual([bot])
      expect(await desk.json('show-bot', 'bot show lin')).toMatchObject({
        live: false,
        // Of one bot the rooms are counted, of all of them only where that is asked for.
        bot: { ...bot, rooms: { count: 0, atLeast: false } },
        moves: [],
      })

      const tag = await desk.json('add-tag', 'tag add VIP')
      expect((await desk.json('list-tags', 'tag list')).tags).toEqual([tag])
      expect(await desk.json('list-chats', 'room list --limit 5')).toEqual({
        chats: [],
        more: false,
        next: null,
        total: { count: 0, atLeast: false },
        understood: null,
      })

      const { secret } = await desk.json('set-callback-url', 'callback set-url http://127.0.0.1:9/hook')
      expect(await desk.json('show-callback-secret', 'callback secret')).toMatchObject({ secret })
      expect(
        await desk.json('list-callbacks', 'callback list --state parked --kind chatroom/joined --room R:1'),
      ).toEqual({
        callbacks: [],
        next: null,
      })
      expect(await desk.json('replay-callbacks', 'callback replay --state parked')).toEqual({
        replayed: [],
        pending: [],
      })
    },
    PROCESSES_TIMEOUT_MS,
  )

  test('CLI-11 a refusal says why and what next on stderr, and exits with 1', async () => {
    await begin()
    await desk.cli('workspace add 甲')
    const sought = 'tag assign VIP 5dbe8287184b7cb41f52674e'
    expect(await cli(sought)).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringMatching(/^该工作区没有这个标签.*qunhub tag list.* \(VIP\)\n$/),
    })
    const { exitCode, stdout, stderr } = await cli(`${sought} --json`)
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
    expect(JSON.parse(stderr)).toMatchObject({ ok: false, refused: 'tag-unknown' })
  })

  test('CLI-12 malformed input is a matter of usage: the option is named, and it exits with 2', async () => {
    await begin()
    await desk.cli('workspace add 甲')
    expect(await cli('bot add --endpoint nowhere --token puppet_1')).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: expect.stringMatching(/^endpoint: .*host:port/),
    })
  })
})

test('CLI-13 people see tables: Chinese and English titles, a token once, the puppet token never', async () => {
  await desk.cli('workspace add 演示小组')
  const issued = await desk.cli('token issue')
  expect(issued.stdout).toMatch(/^token +[A-Za-z0-9_-]{43}$/m)
  const token = /[A-Za-z0-9_-]{43}/.exec(issued.stdout)![0]
  const added = await desk.cli('bot add --endpoint 127.0.0.1:18788 --token canary_token')
  const listed = [await desk.cli('token list'), await desk.cli('bot list'), await desk.cli('workspace list')]

  const seen = [added, ...listed].map(({ stdout, stderr }) => stdout + stderr).join('\n')
  expect(seen).not.toContain(token)
  expect(seen).not.toContain('canary_token')
  expect(seen).toMatch(/名称 name +wecomChatId/)
  expect(seen).toContain('演示小组')
  expect(seen).toContain('网关未运行')
})

test.each([
  ['an unknown command', 'rooms list', '用法有误'],
  ['a missing argument', 'token revoke', '用法有误'],
  ['a missing option', 'bot add --endpoint 127.0.0.1:1', '用法有误'],
  ['an unknown option', 'token list --nonsense', '用法有误'],
  ['a limit that is no number', 'callback list --limit many', '用法有误'],
  ['a callback id that is no number', 'callback show msg_1', '用法有误'],
  ['a callback that is told by its number', 'callback replay msg_YELuWBIAZGgSvsHAea1GySJB', '用法有误'],
  ['a switch that is neither on nor off', 'workspace set --pace-additions yes', '用法有误'],
  ['a group without its command', 'callback', 'Usage'],
  ['the help of an unknown command', 'rooms --help', '没有命令 "rooms", 是否想用 room?'],
  ['help, and a word behind it that is none', '--help frob', '没有命令 "frob"'],
  ['help with a word that is none', 'help frob', '没有命令 "frob"'],
  ['the help of an unknown command of a group', 'bot frob --help', '没有命令 "frob"'],
  ['help with a group and a word that is none', 'help bot frob', '没有命令 "frob"'],
  ['a group, help, and a word that is none', 'bot help frob', '没有命令 "frob"'],
])('CLI-14 %s exits with 2, says so on stderr, and touches nothing', async (_what, args, says) => {
  let [stdout, stderr] = ['', '']
  const exitCode = await runCli(args.split(' '), {
    env: { QUNHUB_DATA_DIR: desk.dataDir },
    out: text => {
      stdout += text
    },
    err: text => {
      stderr += text
    },
  })
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
  expect(stderr).toContain(says)
  await expect(access(desk.dataDir)).rejects.toThrow('ENOENT')
})

test.each([
  ['rooms list', '没有命令 "rooms", 是否想用 room? / there is no command "rooms"; did you mean room?'],
  ['token list --nonsense=secret', '没有选项 --nonsense / there is no option --nonsense'],
  ['token revoke', '缺少参数 <id>, 没有给出 / expected the argument <id>; nothing was given'],
  [
    'room list --limit',
    '选项 --limit <count> 缺少值, 没有给出 / expected a value behind --limit <count>; nothing was given',
  ],
  [
    'copy --to sqlite',
    '缺少选项 --from <store>, 没有给出 / expected the option --from <store>; nothing was given',
  ],
  [
    'copy --from mysql --to sqlite',
    '--from <store>: 应为 sqlite、postgres 之一, 给出的是 "mysql" / expected one of sqlite, postgres; given: "mysql"',
  ],
  [
    'room list --limit many',
    '--limit <count>: 应为整数, 给出的是 "many" / expected a whole number; given: "many"',
  ],
  [
    'callback list --from 2026-02-30',
    '给出的是 "2026-02-30" / expected a time such as 2026-11-24 or 2026-11-24T08:00+08:00; given: "2026-02-30"',
  ],
  ['token list secret', '参数过多: 应为 0 个, 给出了 1 个 / too many arguments: expected 0, given 1'],
  ['token list --a\u001b[2J', '没有选项 --a\uFFFD[2J /'],
])(
  'CLI-93 wrong usage is told in Chinese first, with what is expected and what was given: %s',
  async (args, words) => {
    const { exitCode, stderr } = await runCliHere(args, { QUNHUB_DATA_DIR: desk.dataDir })
    expect(exitCode).toBe(2)
    expect(stderr).toContain(`用法有误: ${words.startsWith('给出') ? '' : words}`)
    expect(stderr).toContain(words)
    expect(stderr).not.toMatch(/secret|\u001b|error:/)
  },
)

test.each([
  ['bot add --token puppet_1', '--endpoint'],
  ['callback replay', '--state parked'],
  ['callback replay-range', '--from'],
  ['workspace set', '--help'],
  [
    'bot show x --limit 0',
    'limit: 应为 1 到 200 的整数, 给出的是 0 (expected a whole number from 1 to 200; given: 0)',
  ],
  ['bot add --endpoint here --token canary', 'endpoint: 应为 host:port'],
  ['bot add --endpoint 127.0.0.1:1 --token canary!', 'token: 应为 8 到 128 个'],
])(
  'CLI-94 what does not say what is meant is wrong usage, ends with 2, and repeats no secret: %s',
  async (args, words) => {
    await runCliHere('workspace add 甲', { QUNHUB_DATA_DIR: desk.dataDir })
    const { exitCode, stderr } = await runCliHere(args, { QUNHUB_DATA_DIR: desk.dataDir })
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining(words) })
    expect(stderr).not.toContain('canary')
  },
)

test('CLI-15 bad configuration exits with 2 and names every problem', async () => {
  const { exitCode, stderr } = await desk.cli('token list', { PORT: 'x', QUNHUB_LOG_LEVEL: 'loud' })
  expect(exitCode).toBe(2)
  expect(stderr).toContain('PORT: 应为')
  expect(stderr).toContain('QUNHUB_LOG_LEVEL: 应为')
})

test('CLI-16 help and version are no failure, and help tells the exit codes', async () => {
  const { exitCode, stdout, stderr } = await inProcess('--help')
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  expect(stdout).toMatch(/退出码 \/ exit codes:\n +0 +完成.*\n +1 +被拒绝.*\n +2 +用法/)
  expect(await inProcess('callback list --help')).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('--data-dir'),
  })
  const ofAdd = await desk.cli('bot add --help')
  expect(ofAdd).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('qunhub bot add') })
  for (const asked of ['help bot add', 'bot help add']) expect(await desk.cli(asked)).toEqual(ofAdd)
  expect(await inProcess('--version')).toEqual({ exitCode: 0, stdout: `${VERSION}\n`, stderr: '' })
})

test('CLI-17 a data directory without a store is refused, not made; only a first workspace makes one', async () => {
  expect(await desk.cli('token list')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('--data-dir'),
  })
  await expect(access(desk.dataDir)).rejects.toThrow('ENOENT')
  expect(await desk.cli('workspace add 甲')).toMatchObject({ exitCode: 0 })
  expect((await readdir(desk.dataDir)).sort()).toEqual(['lock.sqlite', 'qunhub.sqlite', 'secret.key'])
})

test('CLI-17 --data-dir goes before QUNHUB_DATA_DIR', async () => {
  expect(
    await desk.cli(`workspace add 甲 --data-dir ${desk.dataDir}`, { QUNHUB_DATA_DIR: '/nonexistent/x' }),
  ).toMatchObject({
    exitCode: 0,
  })
  expect((await desk.json('list-workspaces', 'workspace list')).workspaces).toHaveLength(1)
})

test('CLI-18 a lost master key is refused with what to do, and without a stack', async () => {
  await desk.cli('workspace add 甲')
  await rm(join(desk.dataDir, 'secret.key'))
  const { exitCode, stderr } = await desk.cli('token list')
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(/主密钥丢失.*QUNHUB_SECRET_KEY/)
  expect(stderr).not.toContain(' at ')
  const debugged = await desk.cli('token list', { QUNHUB_LOG_LEVEL: 'debug' })
  expect(debugged.stderr).toContain(' at ')
})

test('CLI-18 another master key is refused in words', async () => {
  await desk.cli('workspace add 甲')
  await desk.cli('bot add --endpoint 127.0.0.1:1 --token puppet_1')
  const { exitCode, stderr } = await desk.cli('bot list', { QUNHUB_SECRET_KEY: 'ab'.repeat(32) })
  expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining('QUNHUB_SECRET_KEY') })
})

test('CLI-24 a reader that has seen enough, such as head, is no failure', async () => {
  await desk.cli('workspace add 甲')
  const { child, ended } = startCli(['workspace', 'list'], { QUNHUB_DATA_DIR: desk.dataDir })
  child.stdout!.destroy()
  expect(await ended).toMatchObject({ exitCode: 0, stderr: '' })
})

test.runIf(existsSync('/proc'))(
  'CLI-19 a data directory that the system lets nobody make is named, and nothing hangs',
  async () => {
    const { exitCode, stderr } = await startCli(['workspace', 'add', '甲', '--data-dir', '/proc/qunhub'])
      .ended
    expect(exitCode).toBe(1)
    expect(stderr).toContain('/proc/qunhub 无法创建')
  },
)

test('CLI-19 a data directory that is a file is named, by every command', async () => {
  const file = `${desk.dataDir}-file`
  await writeFile(file, '')
  for (const args of ['token list', 'workspace add 甲', 'migrate', 'serve']) {
    const { exitCode, stderr } = await desk.cli(args, { QUNHUB_DATA_DIR: join(file, 'below') })
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: expect.stringContaining(`${file} 是文件, 不是目录`),
    })
  }
  await rm(file)
})

test.each(['qunhub.sqlite', 'lock.sqlite'])(
  'CLI-19 a %s that is no database is told in words',
  async name => {
    await desk.cli('workspace add 甲')
    await writeFile(join(desk.dataDir, name), 'no database '.repeat(20))
    const { exitCode, stderr } = await desk.cli('token list')
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/^数据目录 .*: 数据库文件不是 SQLite 数据库/)
    expect(stderr).toContain(desk.dataDir)
  },
)

test.each([
  ['wrong usage', 'token list --nonsense --json', {}, 2, 'wrong-usage'],
  ['bad configuration', 'token list --json', { PORT: 'x' }, 2, 'bad-configuration'],
  ['no store', 'token list --json', {}, 1, 'failed'],
])('CLI-25 with --json %s is told as JSON, too', async (_what, args, env, exitCode, refused) => {
  const ended = await desk.cli(args, env)
  expect(ended).toMatchObject({ exitCode, stdout: '' })
  expect(JSON.parse(ended.stderr)).toEqual({
    ok: false,
    refused,
    message: expect.stringMatching(/\p{Script=Han}/u),
  })
})

test.each<[string, string[], boolean, RegExp]>([
  ['commands', [], true, /^内部错误.*Cannot find module commands.mjs\n$/],
  ['commands, nor the words for it,', [], false, /^Error: Cannot find module commands.mjs\n$/],
  [
    'commands, nor the words for it,',
    ['--json'],
    false,
    /^\{"ok":false,"refused":"failed","message":".*commands.mjs"\}\n$/,
  ],
])(
  'CLI-11 where its files are gone, an update under way, it says so and exits with 1: no %s %j',
  async (_what, flags, hasWords, says) => {
    let err = ''
    const shell = {
      env: {},
      out() {},
      err(text: string) {
        err += text
      },
    }
    const gone = (file: string) => async () => Promise.reject(new Error(`Cannot find module ${file}`))
    const explain = hasWords ? () => import('./explain.ts') : gone('explain.mjs')
    const read = { commands: gone('commands.mjs'), explain }
    expect(await runCli(['bot', 'list', ...flags], shell, read)).toBe(1)
    expect(err).toMatch(says)
  },
)
