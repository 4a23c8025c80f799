/**
 * `qunhub conform <receiver>`: whether a customer's receiver does what callbacks ask of it; `qunhub conform --api <base>`: whether
 * a server keeps the contract of the page.
 */
import { splitCredentials } from '@qunhub/wire'
import type { Command } from 'commander'
import { systemClock } from '../../system/clock.ts'
import { systemRandom } from '../../system/random.ts'
import { readCliConfig } from '../cli-config.ts'
import { addExamples } from '../examples.ts'
import { declareSecret, takeSecret } from '../read/take-secret.ts'
import type { Declare, Shell } from '../shell.ts'
import { plainText } from '../show/column-width.ts'
import { openLongWork } from '../show/long-work.ts'
import { exitCodeOf, type Finding, renderReport, reportForPrograms } from '../show/report.ts'
import { json } from '../tell.ts'
import { conformApi } from './api/conform-api.ts'
import { ROOM_NAME } from './api/write-checks.ts'
import {
  type ConformOptions,
  headerField,
  readChoice,
  readTarget,
  secretField,
  tokenField,
} from './conform-options.ts'
import { conformReceiver } from './receiver/conform-receiver.ts'
import { readHeader, readSecrets } from './receiver-options.ts'

export const conformCommand: Declare = (program, shell, exitWith) => {
  const command = program
    .command('conform')
    .description(
      '检查接收方是否正确接收回调, 或服务是否遵守接口页 / see whether a receiver does what callbacks ask of it, or a server what the page says',
    )
    .argument('[receiver]', '接收方的回调地址 / the callback base of the receiver')
    .option('--api <url>', '改为检查这个 API / look at this API instead')
    .option('--write', 'API: 也建一个群、加人、退群 / API: make a room, add to it and leave it, too')
    .option('--bot <userId>', 'API: 由哪个账号执行 / API: the account that acts')
    .option(
      '--contacts <wxids>',
      'API: 三个可邀请的好友, 逗号分隔 / API: three friends who may be invited, with commas',
    )
    .option('--tag <tagId>', 'API: 有群的标签 / API: a tag with rooms')
    .addHelpText('after', notes)
    .action(async (receiver: string | undefined) => {
      const options = command.optsWithGlobals<ConformOptions>()
      const target = readTarget(command, receiver, options)
      const findings =
        target.kind === 'api'
          ? await lookAtApi(command, target.url, options, shell)
          : await lookAtReceiver(command, target.url, shell)
      const told = splitCredentials(target.url.href).url
      shell.out(
        options.json
          ? json(reportForPrograms(told, findings))
          : `${renderReport(findings, { columns: shell.columns })}\n`,
      )
      exitWith(exitCodeOf(findings))
    })
  for (const field of [secretField, headerField, tokenField]) declareSecret(command, field)
  addExamples(command, [
    [
      '密钥在文件里 / its secret in a file',
      'qunhub conform http://127.0.0.1:8080/callbacks --secret-file secret.txt',
    ],
    [
      '密钥从标准输入读取, 结果供程序读取 / its secret from stdin, the report for programs',
      'printf %s "$SECRET" | qunhub conform https://crm.example.com/qunhub --json',
    ],
    [
      '检查 API, 什么都不改 / look at an API, and change nothing',
      'qunhub conform --api https://gateway.example.com --token-file token.txt',
    ],
    [
      '也建群、加人、退群 / make a room as well',
      'qunhub conform --api http://127.0.0.1:3000 --token-file token.txt --write --bot xiaobei --contacts 7881300000000001,7881300000000002,7881300000000003',
    ],
  ])
}

const notes = `
接收方: 向它发送约四十个假的回调, 群都不存在, 群名以 qunhub conform 开头; 请用测试环境。密钥也可放在 QUNHUB_SECRETS。
/ A receiver is sent some forty callbacks about rooms that do not exist, named “qunhub conform”: use one for tests. QUNHUB_SECRETS may hold the secret as well.
API: 约一百次请求, 不加 --write 什么都不改; token 也可放在 QUNHUB_TOKEN。接口页的规则不符算不符, 我们自己加的只是注意。
/ An API is asked some hundred times, and nothing is changed without --write. QUNHUB_TOKEN may hold the token. What the page rules fails, what we added to it is warned of.
有不符时以 1 结束; 看不到的、注意的不算。/ It ends with 1 where something fails; what cannot be seen, and warnings, do not count.`

async function lookAtReceiver(command: Command, given: URL, shell: Shell): Promise<Finding[]> {
  const { url, authorization } = splitCredentials(given.href)
  const typed =
    command.opts()['secretFile'] === undefined ? shell.env['QUNHUB_SECRETS'] || undefined : undefined
  const secrets = readSecrets(command, (await takeSecret(command, secretField, typed, shell))!)
  const header = await takeSecret(command, headerField, undefined, shell)
  const target = {
    url: new URL(url),
    headers: {
      ...(authorization === null ? {} : { authorization }),
      ...(header === undefined ? {} : readHeader(command, header)),
    },
    secrets,
    ca: readCliConfig(shell.env, undefined).callbackCa,
    clock: systemClock,
    random: systemRandom,
  }
  return watched(shell, tell => conformReceiver(target, tell))
}

async function lookAtApi(
  command: Command,
  base: URL,
  options: ConformOptions,
  shell: Shell,
): Promise<Finding[]> {
  const typed = options.tokenFile === undefined ? shell.env['QUNHUB_TOKEN'] || undefined : undefined
  const token = (await takeSecret(command, tokenField, typed, shell))!
  const choice = readChoice(command, options, token)
  const mayWrite = options.write === true
  if (mayWrite) {
    const [first, second, third] = choice.contacts
    const plan = `将以 ${choice.bot} 新建群「${ROOM_NAME}」: 拉入 ${first}、${second}, 再加入 ${third}; 群主不能退群, 群会留下 / ${choice.bot} makes the room “${ROOM_NAME}” with ${first} and ${second}, and adds ${third}; an owner may not leave, so the room stays`
    shell.err(`${plainText(plan)}\n`)
  }
  const target = { base, choice, mayWrite, clock: systemClock, random: systemRandom }
  return watched(shell, tell => conformApi(target, tell))
}

async function watched(
  shell: Shell,
  look: (tell: (done: number, of: number) => void) => Promise<Finding[]>,
): Promise<Finding[]> {
  const words = (done: number, of: number) => `检查 checks ${done}/${of}`
  const work = openLongWork(shell, words(0, 0))
  try {
    return await look((done, of) => work.now(words(done, of)))
  } finally {
    work.end()
  }
}
