/** The programs of `/docs`, run as they stand by the toolchains that are installed. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { addMember, codeSamples, listByMHTag } from '@qunhub/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'

/** What it printed. */
const run = (program: string, args: readonly string[], cwd = tmpdir()): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(program, [...args], { cwd }, (failure, stdout) => (failure ? reject(failure) : resolve(stdout)))
  })

const LANGUAGES = [
  { language: 'Node.js', program: [process.execPath], file: 'call.mjs' },
  { language: 'Python', program: ['python3'], file: 'call.py' },
  { language: 'Java', program: ['java'], file: 'Call.java' },
  { language: 'PHP', program: ['php'], file: 'call.php' },
  { language: 'Go', program: ['go', 'run'], file: 'call.go' },
] as const

const isInstalled = async ({ program }: (typeof LANGUAGES)[number]): Promise<boolean> =>
  run('which', [program[0]]).then(
    () => true,
    () => false,
  )
const installed = await Promise.all(LANGUAGES.map(isInstalled))
const missing = LANGUAGES.filter((_, at) => !installed[at]).map(({ language }) => language)
console.info(
  `programs of /docs left out, for their toolchain is not installed: ${missing.join(', ') || 'none'}`,
)

let house: House
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'qunhub-page-code-'))
  house = await openHouse()
})
afterAll(async () => {
  await house.close()
  await rm(folder, { recursive: true })
})

test.each(LANGUAGES.filter((_, at) => installed[at]))(
  'OA-8 $language: a GET and a POST of the page',
  async ({ language, program: [command, ...options], file }) => {
    const bot = house.world.addBot({ userId: `of-${language}` })
    await house.host(bot)
    const [lin, zhang] = ['林晓', '张伟'].map(name => house.world.addContact({ name, friendOf: [bot.wxid] }))
    const room = house.world.addRoom({
      topic: "O'Reilly 读书群",
      ownerId: bot.wxid,
      members: [bot.wxid, lin!.wxid],
      external: true,
    })
    const calls = [
      { ...listByMHTag, example: { token: house.token, current: '1' } },
      {
        ...addMember,
        example: {
          token: house.token,
          botUserId: bot.userId,
          contactWxid: zhang!.wxid,
          roomWxid: room.wxid,
        },
      },
    ]
    for (const call of calls) {
      const { code } = codeSamples(call, house.baseUrl).find(each => each.language === language)!
      await writeFile(join(folder, file), code)
      expect(await run(command!, [...options, join(folder, file)], folder)).toMatch(/["']?code["']?: ?0/)
    }
  },
)
