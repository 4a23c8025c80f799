import type { Config } from '../config/config.ts'
import type { Gateway } from '../gateway.ts'
import { issueCode } from '../operator/people.ts'
import { StoreError } from '../store/database/store-error.ts'
import { hasOwner } from '../store/people/people.ts'
import type { Log } from '../system/log.ts'

export interface ConsoleFacts {
  /** With the code, where there is one. */
  readonly url: string
  /** Null once somebody has set the console up. */
  readonly setupCode: string | null
}

/** A log goes to places that many can read, and a code makes whoever reads it the owner of all: so only a terminal shows one. */
export async function tellOfConsole(
  config: Pick<Config, 'publicUrl'>,
  gateway: Pick<Gateway, 'baseUrl' | 'operator'>,
  { log, isTerminal }: { log: Log; isTerminal: boolean },
): Promise<void> {
  if (isTerminal) {
    const { url, setupCode } = await consoleOf(config, gateway, log)
    if (setupCode)
      log.info(
        { console: url, setupCode },
        '控制台还没有所有者, 凭设置码设立 / the console has no owner yet: the setup code makes one',
      )
    else log.info({ console: url }, '控制台 / console')
  } else {
    log.info(
      { console: addressOf(config, gateway) },
      '控制台; 还没有所有者时运行 qunhub console code / console; while it has no owner, run: qunhub console code',
    )
  }
}

/**
 * Where the console is and, while it has no owner, the code that makes one. A store that takes no writes at this moment does
 * not keep the gateway from starting; `qunhub console code` tells another code later.
 */
export async function consoleOf(
  config: Pick<Config, 'publicUrl'>,
  gateway: Pick<Gateway, 'baseUrl' | 'operator'>,
  log: Log,
): Promise<ConsoleFacts> {
  const url = addressOf(config, gateway)
  const { operator } = gateway
  try {
    if (await hasOwner(operator.db)) return { url, setupCode: null }
    const { code } = await issueCode(operator, { purpose: 'first-owner' })
    // Behind the #, which no browser sends anywhere.
    return { url: `${url}#code=${code}`, setupCode: code }
  } catch (failure) {
    if (!(failure instanceof StoreError)) throw failure
    log.warn({ err: failure }, '控制台的设置码未能保存 / the setup code of the console could not be kept')
    return { url, setupCode: null }
  }
}

const addressOf = ({ publicUrl }: Pick<Config, 'publicUrl'>, { baseUrl }: Pick<Gateway, 'baseUrl'>): string =>
  `${publicUrl ?? baseUrl}/console/`
