/**
 * `qunhub bot login` watches a bot until it is online. It shows the QR code, shows the next one whenever the puppet gives
 * another, and tells how far somebody has come with it. It ends with 0 when the bot is online; with 1 when it cannot come
 * online by a scan (another client holds the puppet, another account was logged in, the puppet is away, no gateway runs) or when --timeout is over.
 * A verification that WeCom wants meanwhile, or of a bot that is online, is shown likewise, and waited for.
 * It only watches: whoever ends it with Ctrl+C ends nothing else. A question waits on the gateway until there is news.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { type BotLoginRecord, operatorVerbs } from '@qunhub/wire'
import { reasonWords } from '@qunhub/wire/words'
import { toQrCode } from '../model/qr-code.ts'
import { SECOND_MS } from '../system/clock.ts'
import type { OwnWay } from './answers/answer.ts'
import { ask } from './ask.ts'
import { readCliConfig } from './cli-config.ts'
import { EXIT_DONE } from './exit-codes.ts'
import { shellWord } from './read/shell-word.ts'
import { wholeNumber } from './read/whole-number.ts'
import type { Shell } from './shell.ts'
import { plainText } from './show/column-width.ts'
import { drawQrCode } from './show/draw-qr-code.ts'
import { showTime } from './show/show-time.ts'
import { inert, tellRefusal } from './tell.ts'

const TIMEOUT_DEFAULT_SECONDS = 300
/** As long as the verb lets anybody wait for news. */
const NEWS_WAIT_MAX_SECONDS = 10

interface LoginOptions {
  readonly json?: true
  readonly dataDir?: string
  readonly workspace?: string
  readonly timeout: number
}

export const loginCommand: OwnWay = {
  fills: ['seen', 'waitSeconds'],
  declare(command, shell, exitWith) {
    command
      .option(
        '--timeout <seconds>',
        `最多等多少秒, 默认 ${TIMEOUT_DEFAULT_SECONDS} / wait so long at most, by default ${TIMEOUT_DEFAULT_SECONDS}`,
        wholeNumber,
        TIMEOUT_DEFAULT_SECONDS,
      )
      .addHelpText(
        'after',
        '\n加 --json 时每有变化输出一行 JSON / with --json each change is a line of JSON on stdout',
      )
      .action(async (bot: string) =>
        exitWith(await watchLogin(bot, command.optsWithGlobals<LoginOptions>(), shell)),
      )
  },
}

/** Between two asks that brought no news. */
const ASK_AGAIN_MS = 500

async function watchLogin(bot: string, options: LoginOptions, shell: Shell): Promise<number> {
  const { json: asJson = false, dataDir, timeout } = options
  const config = readCliConfig(shell.env, dataDir)
  const { workspace = config.workspace } = options
  const until = performance.now() + timeout * SECOND_MS
  let seen: string | undefined
  for (;;) {
    const leftSeconds = Math.max(0, Math.ceil((until - performance.now()) / SECOND_MS))
    const waitSeconds = seen === undefined ? 0 : Math.min(leftSeconds, NEWS_WAIT_MAX_SECONDS)
    const reply = await ask(config, 'login-bot', { workspace, bot, seen, waitSeconds })
    if (!reply.ok) return tellRefusal(reply, shell, asJson)

    const login = operatorVerbs['login-bot'].output.parse(reply.value)
    if (login.seen !== seen) {
      if (asJson) shell.out(`${inert(JSON.stringify(login))}\n`)
      else for (const line of newsOf(login, shell)) shell.out(`${line}\n`)
    }
    // Without news it may have been answered at once, because too many are held already.
    else if (waitSeconds > 0) await pause(ASK_AGAIN_MS)
    seen = login.seen
    if (login.state === 'online' && !isWanted(login.verification)) return EXIT_DONE
    const hopeless = whyHopeless(login)
    if (hopeless) return tellRefusal({ ok: false, ...hopeless }, shell, asJson)
    if (performance.now() >= until) return tellRefusal({ ok: false, ...tooLate(timeout) }, shell, asJson)
  }
}

/** What a person should hear of it, a paragraph each. */
function newsOf(login: BotLoginRecord, { env }: Shell): string[] {
  const { id, state, account, qrcode, verification } = login
  if (verification && (isWanted(verification) || state !== 'online'))
    return verificationNews(id, verification, qrcode, env)
  switch (state) {
    case 'online':
      return [
        `已登录 / logged in: ${plainText(account?.nickName ?? '')} (${plainText(account?.userId ?? id)})`,
      ]
    case 'awaiting-scan':
      return qrcode ? codeNews(qrcode, env) : []
    case 'logged-out':
      return [
        '账号未登录, 等待 puppet 出示二维码 / nobody is logged in; waiting for the puppet to show a QR code',
      ]
    case 'new':
    case 'connecting':
    case 'reconnecting':
      return ['正在连接 puppet / connecting to the puppet …']
    case 'offline':
    case 'occupied':
    case 'wrong-account':
      return []
    default:
      return state satisfies never
  }
}

type Wanted = NonNullable<BotLoginRecord['verification']>

const isWanted = (verification: Wanted | null): boolean =>
  verification !== null && verification.progress !== 'timed-out' && verification.progress !== 'cancelled'

function verificationNews(
  id: string,
  { by, address, message, progress, until }: Wanted,
  qrcode: BotLoginRecord['qrcode'],
  env: Shell['env'],
): string[] {
  if (progress === 'timed-out' || progress === 'cancelled')
    return ['验证没有完成, 账号可能会退出 / the verification was not done; WeCom may log the account out']
  const head = `企业微信要求验证, 请在 ${showTime(until)} 前完成 / WeCom wants a verification by ${showTime(until)}`
  const said = message === '' ? [] : [plainText(message)]
  switch (by) {
    case 'scan':
      if (progress !== 'waiting' && qrcode) return codeNews(qrcode, env)
      return [head, ...said, ...(qrcode?.text ? codeNews(qrcode, env) : [CONFIRM_ON_PHONE])]
    case 'code': {
      const wrong = progress === 'wrong-code' ? ['验证码不对 / the code was wrong'] : []
      const scan = qrcode?.text ? codeNews(qrcode, env) : []
      return [head, ...said, ...wrong, ...scan, `输入验证码 / type it in: qunhub bot verify ${id} <code>`]
    }
    case 'slide':
      return [head, ...said, `打开网址完成滑块 / draw the slider at: ${plainText(address)}`]
    default:
      return by satisfies never
  }
}

const CONFIRM_ON_PHONE = '请在该账号的手机上确认 / confirm it on the phone of the account'

function codeNews(
  { text, givenAt, scan }: NonNullable<BotLoginRecord['qrcode']>,
  env: Shell['env'],
): string[] {
  switch (scan) {
    case 'waiting': {
      const code = toQrCode(text)
      return [
        ...(code ? [drawQrCode(code, { colours: !env.NO_COLOR })] : []),
        '请用该账号的手机扫码 / scan it with the phone of the account',
        `二维码内容 / what it says: ${plainText(text)}`,
        `给出于 / given at: ${showTime(givenAt)}`,
      ]
    }
    case 'scanned':
      return ['已扫码, 请在手机上确认 / scanned; now confirm it on the phone']
    case 'confirmed':
      return ['已确认, 正在登录 / confirmed, logging in …']
    case 'cancelled':
      return ['手机上取消了, 等待新的二维码 / cancelled on the phone; waiting for another code']
    case 'timed-out':
      return [
        '二维码已过期, 已请 puppet 换一个, 等待新的二维码 / the code has expired; the puppet is asked for another one',
      ]
    default:
      return scan satisfies never
  }
}

/** No scan will help, so nobody is kept waiting. */
function whyHopeless({
  id,
  state,
  reason,
  otherAccount,
}: BotLoginRecord): { refused: string; message: string } | null {
  if (state === 'occupied') {
    return {
      refused: 'bot-occupied',
      message:
        '另一个程序正连着这个 puppet, 先停掉它; 网关每 30 秒再试一次 / another program is connected to this puppet: stop it; the gateway tries again every 30 s',
    }
  }
  if (otherAccount) {
    const userId = plainText(otherAccount.userId)
    const who = `${plainText(otherAccount.nickName)} (${userId})`
    return {
      refused: 'wrong-account',
      message: [
        `登录的是另一个账号: ${who}; 没有接管, 原有的群保留 / another account is logged in: ${who}; it was not taken, and the chats stay as they are`,
        `用对的手机重新扫码 / to scan with the right phone: qunhub bot logout ${id} && qunhub bot login ${id}`,
        `确实要换成它 / to take it all the same: qunhub bot accept ${id} ${shellWord(userId)}`,
      ].join('\n'),
    }
  }
  if (state === 'offline') {
    return {
      refused: 'bot-offline',
      message: `连不上 puppet: ${plainText(reasonWords(reason))}; 请检查地址与 token, 网关仍在重试 / the puppet cannot be reached; check its address and token, the gateway keeps trying`,
    }
  }
  return null
}

const tooLate = (seconds: number) => ({
  refused: 'timed-out',
  message: `${seconds} 秒内没有登录, 可以再次运行 / not logged in within ${seconds} s; run it again whenever you like`,
})
