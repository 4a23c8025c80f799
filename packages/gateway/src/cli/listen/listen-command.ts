/** `qunhub callback listen`: a developer's tail of the callbacks of a workspace. */
import {
  type OperatorReply,
  operatorVerbs,
  splitCredentials,
  type VerbName,
  type VerbOutput,
} from '@qunhub/wire'
import { type Command, InvalidArgumentError } from 'commander'
import type { Config } from '../../config/config.ts'
import { StoreError } from '../../store/database/store-error.ts'
import { systemClock } from '../../system/clock.ts'
import { systemRandom } from '../../system/random.ts'
import type { OwnWay } from '../answers/answer.ts'
import { ask } from '../ask.ts'
import { askGateway, GatewayLost } from '../ask-gateway.ts'
import { readCliConfig } from '../cli-config.ts'
import { secretField } from '../conform/conform-options.ts'
import { readSecrets } from '../conform/receiver-options.ts'
import { EXIT_DONE } from '../exit-codes.ts'
import { since } from '../read/since.ts'
import { declareSecret, takeSecret } from '../read/take-secret.ts'
import { wholeNumber } from '../read/whole-number.ts'
import type { Shell } from '../shell.ts'
import { inert, tellRefusal } from '../tell.ts'
import { type Forwarder, openForwarder } from './forward.ts'
import { type Followed, followCallbacks, type News } from './listen.ts'
import { forwardedWords, newsWords } from './news-words.ts'

interface ListenOptions {
  readonly json?: true
  readonly dataDir?: string
  readonly workspace?: string
  readonly after?: number | string
  readonly since?: number
  readonly forwardTo?: URL
  readonly count?: number
  readonly secretFile?: string
}

/** Optional here: the workspace has one. */
const forwardSecret = { ...secretField, schema: secretField.schema.optional(), isNeverTyped: false }
const ANSWER_WAIT_MAX_MS = 30_000

export const listenCommand: OwnWay = {
  fills: ['from', 'limit'],
  declare(command, shell, exitWith) {
    command
      .option('--since <time>', '从多久以前或何时起, 如 2h / begin so long ago, or then, such as 2h', given =>
        since(given, systemClock.now()),
      )
      .option(
        '--forward-to <url>',
        '签名后转发到此地址, 并显示它的应答 / post each on to this address, signed, and show what it answers',
        readForwardTo,
      )
      .option('--count <count>', '显示这么多个就结束 / end after so many', wholeNumber)
      .addHelpText(
        'after',
        '\n只看: 投递照常, 什么都不改; 没有回调地址的工作区不产生回调。加 --json 时每件事一行 JSON。Ctrl+C 结束 / It only looks: delivery goes on as ever. A workspace without a callback base is owed nothing. With --json each event is a line. Ctrl+C ends it',
      )
      .action(async () => exitWith(await listen(command, shell)))
    declareSecret(command, forwardSecret)
  },
}

async function listen(command: Command, shell: Shell): Promise<number> {
  const options = command.optsWithGlobals<ListenOptions>()
  if (options.after !== undefined && options.since !== undefined)
    return command.error('error: --after 与 --since 二者取一 / --after or --since: one of the two')
  const config = readCliConfig(shell.env, options.dataDir)
  const { workspace = config.workspace } = options
  const forwarder = await forwarderFor(command, options, { config, shell, workspace })
  if (forwarder && 'refused' in forwarder) return tellRefusal(forwarder, shell, options.json === true)
  try {
    const ended = await followCallbacks({
      ask: asked => askRunning(config, 'list-callbacks-after', { ...asked, workspace }),
      show: id => bodyOf(config, { workspace, id }),
      tell: news => tellNews(news, { shell, asJson: options.json === true, forwarder }),
      clock: systemClock,
      begin: options.after === undefined ? { from: options.since } : { after: options.after },
      count: options.count,
    })
    if (ended === null) return EXIT_DONE
    const refusal =
      'away' in ended ? { ok: false as const, refused: 'gateway-away', message: ended.away } : ended
    return tellRefusal(refusal, shell, options.json === true)
  } finally {
    await forwarder?.close()
  }
}

interface Where {
  readonly config: Config
  readonly shell: Shell
  readonly workspace: string | undefined
}

/** Signed with the secret of the workspace, unless another one is given. */
async function forwarderFor(
  command: Command,
  { forwardTo }: ListenOptions,
  { config, shell, workspace }: Where,
): Promise<Forwarder | (OperatorReply & { ok: false }) | undefined> {
  if (forwardTo === undefined) return undefined
  let secret = await takeSecret(command, forwardSecret, undefined, shell)
  if (secret === undefined) {
    const reply = await ask(config, 'show-callback-secret', { workspace })
    if (!reply.ok) return reply
    secret = operatorVerbs['show-callback-secret'].output.parse(reply.value).secret
  }
  const { url, authorization } = splitCredentials(forwardTo.href)
  return openForwarder({
    url: new URL(url),
    headers: authorization === null ? {} : { authorization },
    secrets: readSecrets(command, secret),
    ca: config.callbackCa,
    clock: systemClock,
    random: systemRandom,
  })
}

async function tellNews(
  news: News,
  { shell, asJson, forwarder }: { shell: Shell; asJson: boolean; forwarder: Forwarder | undefined },
): Promise<void> {
  const isOfConnection = news.event === 'lost' || news.event === 'reconnected'
  if (asJson) shell.out(`${inert(JSON.stringify(news))}\n`)
  else if (isOfConnection) shell.err(`${newsWords(news)}\n`)
  else shell.out(`${newsWords(news)}\n`)
  if (!forwarder || news.event !== 'owed') return
  const outcome = await forwarder.forward(news.callback)
  const { webhookId } = news.callback
  if (asJson) shell.out(`${inert(JSON.stringify({ event: 'forwarded', webhookId, outcome }))}\n`)
  else shell.out(`${forwardedWords(outcome)}\n`)
}

/**
 * Asks the gateway that runs here. Without one a data directory is not opened every second, for that would keep a gateway from
 * starting; a database that is shared is nobody's own, and is asked itself.
 */
async function askRunning(config: Config, name: VerbName, input: object): Promise<OperatorReply | string> {
  try {
    const reply = config.databaseUrl
      ? await ask(config, name, input)
      : await askGateway(config.dataDir, name, input, ANSWER_WAIT_MAX_MS)
    if (reply === undefined) return NO_GATEWAY
    return !reply.ok && AWAY.has(reply.refused) ? reply.message : reply
  } catch (failure) {
    if (failure instanceof GatewayLost || failure instanceof StoreError) return failure.message
    throw failure
  }
}

const NO_GATEWAY =
  '网关没有运行, 没有回调可看, 先运行 qunhub serve / no gateway runs, so there is nothing to follow; first run: qunhub serve'
/** It runs, and cannot be asked just now. */
const AWAY: ReadonlySet<string> = new Set(['store-away', 'gateway-failed', 'stopping'])

async function bodyOf(config: Config, asked: object): Promise<Followed | undefined> {
  const reply = await askRunning(config, 'show-callback', asked)
  return typeof reply !== 'string' && reply.ok ? (reply.value as VerbOutput<'show-callback'>) : undefined
}

function readForwardTo(given: string): URL {
  const url = URL.canParse(given) ? new URL(given) : undefined
  if (url && /^https?:$/.test(url.protocol) && url.hash === '') return url
  throw new InvalidArgumentError('http:// 或 https:// 的 URL, 不含 # / an http:// or https:// URL without #')
}
