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

/**
 * Where the console is and, while it has no owner, the code that makes one. A store that takes no writes at this moment does
 * not keep the gateway from starting; `qunhub console code` tells another code later.
 */
export async function consoleOf(
  { publicUrl }: Pick<Config, 'publicUrl'>,
  { baseUrl, operator }: Pick<Gateway, 'baseUrl' | 'operator'>,
  log: Log,
): Promise<ConsoleFacts> {
  const url = `${publicUrl ?? baseUrl}/console/`
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
