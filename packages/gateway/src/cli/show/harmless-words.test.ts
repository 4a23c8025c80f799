import { type Office, openOffice } from '@qunhub/testing/grounds/open-office.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openOperatorDoor } from '../../http/doors/operator-door.ts'
import { silentLog } from '../../system/log.ts'
import { runCli } from '../run-cli.ts'

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

async function said(args: readonly string[], env: Record<string, string> = {}) {
  let [out, err] = ['', '']
  const exitCode = await runCli(args, {
    env: { QUNHUB_DATA_DIR: office.dataDir, ...env },
    out: text => {
      out += text
    },
    err: text => {
      err += text
    },
  })
  return { exitCode, out, err }
}

/** Clears the screen, turns the line around, and tells a line that is not ours. */
const EVIL = 'a\u001B[2J\u009B31m\u202Eb\u2066c\u200Fd\u2028e\r\n已完成 done'
/** Whatever could move a cursor, and more lines than are ours. */
const harm = (text: string) =>
  text.match(/[\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu) ?? []
const harmBesidesLines = (text: string) => harm(text).filter(character => character !== '\n')

test.each([
  ['a refusal that repeats an id', ['bot', 'show', EVIL], {}],
  ['a refusal that repeats a name', ['tag', 'assign', EVIL, 'chat'], {}],
  ['an unknown command', [EVIL], {}],
  ['an unknown option', ['bot', 'list', `--${EVIL}`], {}],
  ['an option with a value', ['bot', 'list', `--${EVIL}=1`], {}],
  ['a value that does not fit', ['room', 'list', '--limit', EVIL], {}],
  ['a switch that is neither on nor off', ['workspace', 'set', '--room-left', EVIL], {}],
  ['an argument too many', ['bot', 'list', EVIL], {}],
  ['a file that is not there', ['contact', 'import', `/nowhere/${EVIL}`], {}],
  ['a secret’s file that is not there', ['bot', 'add', '--token-file', `/nowhere/${EVIL}`], {}],
  ['a data directory', ['bot', 'list', '--data-dir', `/proc/${EVIL}`], {}],
  ['a setting', ['bot', 'list'], { QUNHUB_SECRET_KEY_FILE: `/nowhere/${EVIL}` }],
])(
  'CLI-91 what the command line repeats moves no cursor and is no line of its own: %s',
  async (_what, args, env) => {
    const { exitCode, out, err } = await said(args, env)
    expect({ exitCode: exitCode > 0, out }).toEqual({ exitCode: true, out: '' })
    expect(err).not.toBe('')
    expect(harmBesidesLines(err)).toEqual([])
    expect(err.split('\n')).not.toContain('已完成 done')
    const asJson = await said([...args, '--json'], env)
    expect(harmBesidesLines(asJson.err)).toEqual([])
    expect(JSON.parse(asJson.err)).toMatchObject({ ok: false })
  },
)

test.each([
  ['postgres://qunhub:abc@Hidden9/part#x@127.0.0.1:5432/qunhub'],
  ['postgres://qunhub:12/Hidden9@127.0.0.1:1/qunhub'],
  ['postgres://qunhub:12?Hidden9@127.0.0.1:1/qunhub'],
  ['postgres://qunhub:12/x?Hidden9@127.0.0.1:1/qunhub'],
  ['postgres://qunhub:12#Hidden9@127.0.0.1:1/qunhub'],
  ['postgres://qunhub:abc/Hidden9@127.0.0.1:1/qunhub'],
  ['postgres://qunhub:Hidden9%@127.0.0.1:1/qunhub'],
  ['postgres://qunhub:Hidden9%zz@127.0.0.1:1/qunhub'],
  ['postgres://Hidden9%@127.0.0.1:1/qunhub'],
  ['postgres://qunhub@x/y@Hidden9/z@127.0.0.1:1/qunhub'],
])(
  'CLI-92 of a DATABASE_URL whose password is not encoded nothing is repeated, and the cause is told: %s',
  async url => {
    for (const args of [['migrate'], ['bot', 'list'], ['copy', '--from', 'sqlite', '--to', 'postgres']]) {
      const { exitCode, out, err } = await said(args, { DATABASE_URL: url })
      expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' })
      expect(err).not.toContain('Hidden9')
      expect(err).toMatch(/URL 编码/)
      expect(err).toMatch(/percent-encoded/)
    }
  },
)

test.each([
  ['postgres://qunhub:a%40b%2Fc%23d%3Fe%3Af%25@127.0.0.1:1/qunhub'],
  ['postgres://qunhub:a@b:c@127.0.0.1:1/qunhub'],
  ['postgres://qunhub:Hidden9@127.0.0.1:1/qunhub?application_name=x'],
  ['postgres://Hidden9@127.0.0.1:1/qunhub'],
])(
  'CLI-92 of one that is taken neither user nor password is told when it cannot be reached: %s',
  async url => {
    const { exitCode, err } = await said(['migrate'], {
      DATABASE_URL: url,
      QUNHUB_SECRET_KEY: 'a'.repeat(64),
      QUNHUB_LOG_LEVEL: 'debug',
    })
    expect(exitCode).toBe(1)
    expect(err).toContain('127.0.0.1:1/qunhub')
    expect(err).not.toMatch(/Hidden9|a@b|a%40b/)
  },
)
