/** `qunhub conform <receiver>`: whether a customer's receiver does what callbacks ask of it. */
import { splitCredentials } from '@qunhub/wire'
import type { Command } from 'commander'
import { z } from 'zod'
import { systemClock } from '../../system/clock.ts'
import { systemRandom } from '../../system/random.ts'
import { readCliConfig } from '../cli-config.ts'
import { addExamples } from '../examples.ts'
import { declareSecret, type SecretField, takeSecret } from '../read/take-secret.ts'
import type { Declare, Shell } from '../shell.ts'
import { exitCodeOf, renderReport, reportForPrograms } from '../show/report.ts'
import { json } from '../tell.ts'
import { openCheckProgress } from './progress.ts'
import { conformReceiver } from './receiver/conform-receiver.ts'
import { readHeader, readSecrets } from './receiver-options.ts'

const secretField: SecretField = {
  field: 'secret',
  schema: z.string().meta({
    description:
      '回调签名密钥 (qunhub callback secret), 可有几个, 空格分隔 / signing secret, several with spaces between',
  }),
  isNeverTyped: true,
}

const headerField: SecretField = {
  field: 'header',
  schema: z.string().optional().meta({
    description: '随回调发送的请求头 Name: value / a header that the receiver wants, Name: value',
  }),
  isNeverTyped: false,
}

export const conformCommand: Declare = (program, shell, exitWith) => {
  const command = program
    .command('conform')
    .description('检查接收方是否正确接收回调 / see whether a receiver of callbacks does what they ask of it')
    .argument('<receiver>', '接收方的回调地址 / the callback base of the receiver')
    .addHelpText('after', notes)
    .action(async (receiver: string) => {
      const url = readUrl(command, receiver)
      exitWith(await lookAtReceiver(command, url, shell))
    })
  for (const field of [secretField, headerField]) declareSecret(command, field)
  addExamples(command, [
    [
      '密钥在文件里 / its secret in a file',
      'qunhub conform http://127.0.0.1:8080/callbacks --secret-file secret.txt',
    ],
    [
      '密钥从标准输入读取, 结果供程序读取 / its secret from stdin, the report for programs',
      'printf %s "$SECRET" | qunhub conform https://crm.example.com/qunhub --json',
    ],
  ])
}

const notes = `
向它发送约四十个假的回调, 群都不存在, 群名以 qunhub conform 开头; 请用测试环境。密钥也可放在 QUNHUB_SECRETS。
/ It is sent some forty callbacks about rooms that do not exist, named “qunhub conform”: use a receiver for tests. QUNHUB_SECRETS may hold the secret as well.
有不符时以 1 结束; 看不到的、注意的不算。/ It ends with 1 where something fails; what cannot be seen, and warnings, do not count.`

async function lookAtReceiver(command: Command, given: URL, shell: Shell): Promise<number> {
  const asJson = command.optsWithGlobals<{ json?: true }>().json === true
  const { url, authorization } = splitCredentials(given.href)
  const typed =
    command.opts()['secretFile'] === undefined ? shell.env['QUNHUB_SECRETS'] || undefined : undefined
  const secrets = readSecrets(command, (await takeSecret(command, secretField, typed, shell))!)
  const header = await takeSecret(command, headerField, undefined, shell)
  const progress = openCheckProgress(shell)
  const findings = await conformReceiver(
    {
      url: new URL(url),
      headers: {
        ...(authorization === null ? {} : { authorization }),
        ...(header === undefined ? {} : readHeader(command, header)),
      },
      secrets,
      ca: readCliConfig(shell.env, undefined).callbackCa,
      clock: systemClock,
      random: systemRandom,
    },
    progress.show,
  )
  progress.end()
  shell.out(asJson ? json(reportForPrograms(url, findings)) : `${renderReport(findings)}\n`)
  return exitCodeOf(findings)
}

function readUrl(command: Command, given: string): URL {
  const url = URL.canParse(given) ? new URL(given) : undefined
  if (url && /^https?:$/.test(url.protocol) && url.hash === '') return url
  return command.error(
    'error: 应为 http:// 或 https:// 的 URL, 不含 # / expected an http:// or https:// URL without #',
  )
}
