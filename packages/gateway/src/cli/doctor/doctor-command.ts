/**
 * `qunhub doctor [url]`: looks this installation over, or a receiver, and says what is wrong, how it was seen and what to do. It
 * changes nothing, and works whether a gateway runs or not.
 */
import { splitCredentials } from '@qunhub/wire'
import type { Command } from 'commander'
import { z } from 'zod'
import type { Config } from '../../config/config.ts'
import { readCliConfig } from '../cli-config.ts'
import { readHeader, readSecrets } from '../conform/receiver-options.ts'
import { addExamples } from '../examples.ts'
import { declareSecret, type SecretField, takeSecret } from '../read/take-secret.ts'
import type { Declare, Shell } from '../shell.ts'
import { openLongWork } from '../show/long-work.ts'
import { exitCodeOf, renderReport, reportForPrograms } from '../show/report.ts'
import { json } from '../tell.ts'
import { asRunning, runningHere } from './as-running.ts'
import { lookAtInstallation } from './installation.ts'
import { lookAtReceiver, type ReceiverAsked } from './receiver-check.ts'

const secretField: SecretField = {
  field: 'secret',
  schema: z.string().optional().meta({
    description:
      '接收方的签名密钥, 可有几个, 空格分隔 / signing secret of the receiver, several with spaces between',
  }),
  isNeverTyped: false,
}

const headerField: SecretField = {
  field: 'header',
  schema: z.string().optional().meta({
    description: '接收方要看的请求头 Name: value / a header that the receiver wants, Name: value',
  }),
  isNeverTyped: false,
}

export const doctorCommand: Declare = (program, shell, exitWith) => {
  const command = program
    .command('doctor')
    .description(
      '检查本机的安装, 或给出 URL 检查一个接收方; 说明哪里不对、怎样看出、怎么办, 不作改动 / ' +
        'look this installation over, or a receiver by its URL: what is wrong, how it was seen, what to do; nothing is changed',
    )
    .argument(
      '[url]',
      '接收方的回调地址; 省略则检查本机 / callback base of a receiver; left away: this installation',
    )
    .addHelpText('after', notes)
    .action(async (url: string | undefined) => exitWith(await look(command, url, shell)))
  for (const field of [secretField, headerField]) declareSecret(command, field)
  addExamples(command, [
    ['本机的安装 / this installation', 'qunhub doctor'],
    [
      '一个接收方, 密钥在文件里 / a receiver, its secret in a file',
      'qunhub doctor https://crm.example.com/qunhub --secret-file secret.txt',
    ],
    ['供监控读取 / for a monitor', 'qunhub doctor --json'],
  ])
}

const notes = `
有问题时以 1 结束; 注意与看不到的不算。URL 是这里某个工作区的回调地址时, 用它的密钥, 不必给出。接收方收到的是种类 callback/test 的测试, 不是事件。
/ It ends with 1 where something is wrong; warnings, and what cannot be seen, do not count. Of a URL that is the callback base of a workspace here the secret is known. A receiver is sent tests of the kind callback/test, and no event.`

async function look(command: Command, url: string | undefined, shell: Shell): Promise<number> {
  const { json: asJson, dataDir } = command.optsWithGlobals<{ json?: true; dataDir?: string }>()
  const asked = url === undefined ? undefined : await readAsked(command, url, shell)
  const work = openLongWork(asJson ? { err: shell.err } : shell, '检查 looking')
  try {
    const findings = asked
      ? await lookAtReceiver(await configBeside(shell, dataDir), asked, shell.env, work)
      : await lookAtInstallation(shell.env, dataDir, work)
    work.end()
    const target = asked?.url ?? 'installation'
    shell.out(
      asJson
        ? json(reportForPrograms(target, findings))
        : `${renderReport(findings, { columns: shell.columns, showsSeen: true })}\n`,
    )
    return exitCodeOf(findings)
  } finally {
    work.end()
  }
}

async function configBeside({ env }: Shell, dataDir: string | undefined): Promise<Config> {
  const config = readCliConfig(env, dataDir)
  return asRunning(config, await runningHere(config.dataDir))
}

async function readAsked(command: Command, given: string, shell: Shell): Promise<ReceiverAsked> {
  if (!URL.canParse(given) || !/^https?:\/\//i.test(given) || given.includes('#'))
    return command.error(
      'error: 应为 http:// 或 https:// 的 URL, 不含 # / expected an http:// or https:// URL without #',
    )
  const { url, authorization } = splitCredentials(given)
  const secret = await takeSecret(command, secretField, undefined, shell)
  const typed = await takeSecret(command, headerField, undefined, shell)
  const [header] = Object.entries(
    typed === undefined
      ? authorization === null
        ? {}
        : { Authorization: authorization }
      : readHeader(command, typed),
  )
  return {
    url,
    header: header ? { name: header[0], value: header[1] } : null,
    secrets: secret === undefined ? [] : readSecrets(command, secret),
  }
}
