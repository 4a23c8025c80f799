/**
 * Tries whether a puppet can be reached, for a person who waits: its name, the connection, the certificate, then two questions that
 * any client may ask. It opens no event stream, of which a puppet has one, so a bot that is connected hears on. Nothing is kept.
 */
import { ContactWxid, type StepRecord, type WorkspaceId } from '@qunhub/wire'
import { reasonWords } from '@qunhub/wire/words'
import { createAddressGuard, type ResolveName } from '../model/address-guard.ts'
import type { BotAccount, FoundPuppet, PuppetAddress } from '../model/bot.ts'
import { failed, isFailed, passed, type WayWords, wayStepsOf } from '../model/way-steps.ts'
import type { Clock } from '../system/clock.ts'
import { reach } from '../system/reach.ts'
import { findPuppet } from './find-puppet.ts'
import { toAccount } from './login/read-account.ts'
import { openPuppetClient, type PuppetClient } from './puppet-client.ts'
import { isPuppetFailure, PuppetRefused, PuppetTimeout } from './puppet-failures.ts'

/** Each holds sockets for some seconds. */
const TRIES_AT_ONCE_MAX = 4

/** Puppets stand in private networks and on this machine; never where a cloud keeps what it tells its machines (169.254.0.0/16). */
const PUPPET_RANGES = [
  ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '127.0.0.0/8'],
  ...['::1/128', 'fc00::/7'],
]

export interface Tried {
  readonly reached: boolean
  readonly steps: StepRecord[]
  readonly account: BotAccount | null
}

/** Never rejects for what a puppet does. Null, and nothing is tried, while a try of the workspace is under way. */
export type TryPuppet = (address: PuppetAddress, workspaceId: WorkspaceId) => Promise<Tried | null>

export interface TryDeps {
  readonly clock: Clock
  readonly resolve: ResolveName
  readonly deadlineMs: number
  /** See `puppet-channel.ts`. */
  readonly ca?: string | undefined
}

export function createPuppetTrier(deps: TryDeps): TryPuppet {
  const underWay = new Set<WorkspaceId>()
  return async (address, workspaceId) => {
    if (underWay.has(workspaceId) || underWay.size >= TRIES_AT_ONCE_MAX) return null
    underWay.add(workspaceId)
    return tryOnce(address, deps).finally(() => underWay.delete(workspaceId))
  }
}

async function tryOnce(address: PuppetAddress, deps: TryDeps): Promise<Tried> {
  const { clock, deadlineMs, ca, resolve } = deps
  const begunAt = clock.now()
  const found = await findPuppet(address, { deadlineMs, signal: new AbortController().signal })
  const asked: StepRecord[] =
    address.endpoint === null
      ? [
          found.puppet
            ? passed('discovery', clock.now() - begunAt, found.puppet.endpoint)
            : failed('discovery', clock.now() - begunAt, reasonWords(found.reason)),
        ]
      : []
  if (!found.puppet) return { reached: false, steps: asked, account: null }

  const { endpoint, tls } = found.puppet
  const guard = createAddressGuard(PUPPET_RANGES, resolve)
  const way = await reach(new URL(`${tls ? 'https' : 'http'}://${endpoint}`), { guard, ca, clock })
  const steps = [...asked, ...wayStepsOf(way, WAY_WORDS, clock.now())]
  if (steps.some(isFailed)) return { reached: false, steps, account: null }
  const told = await askPuppet(found.puppet, deps)
  return { ...told, steps: [...steps, ...told.steps] }
}

const WAY_WORDS: WayWords = {
  reserved: '在保留地址上, puppet 不会在那里 / it is at a reserved address, where no puppet is',
  unreachable:
    '连不上: puppet 在运行吗? 端口与防火墙放行吗? / no connection: does the puppet run, and do port and firewall let us in?',
}

async function askPuppet(address: FoundPuppet, { clock, deadlineMs, ca }: TryDeps): Promise<Tried> {
  const client = openPuppetClient(address, { deadlineMs, ca })
  const begunAt = clock.now()
  try {
    const account = await whoIsLoggedIn(client)
    const ms = clock.now() - begunAt
    const steps = [passed('puppet', ms, '有应答 / it answers'), account ? loggedIn(account, ms) : nobody(ms)]
    return { reached: true, steps, account }
  } catch (failure) {
    if (!isPuppetFailure(failure)) throw failure
    const ms = clock.now() - begunAt
    const why = whyNotAPuppet(failure)
    // Stock servers refuse the question while nobody is logged in.
    if (why === null)
      return {
        reached: true,
        steps: [passed('puppet', ms, '有应答 / it answers'), nobody(ms)],
        account: null,
      }
    return { reached: false, steps: [failed('puppet', ms, why)], account: null }
  } finally {
    client.close({ abandoned: true })
  }
}

async function whoIsLoggedIn(client: PuppetClient): Promise<BotAccount | null> {
  const wxid = ContactWxid.safeParse(await client.currentUser()).data
  return wxid === undefined ? null : toAccount(await client.contactPayload(wxid), wxid)
}

/** Null where it is one, and only did not answer the question. */
function whyNotAPuppet(failure: Error): string | null {
  if (failure instanceof PuppetTimeout)
    return '连上了, 但没有应答: 这个端口是 puppet 服务吗? / it is connected and does not answer: is this the port of a puppet service?'
  if (!(failure instanceof PuppetRefused))
    return '那里没有 puppet 服务, 或要 (不要) TLS / no puppet service is there, or TLS is wanted, or is not'
  const status = /\((\w+)\)$/.exec(failure.message)?.[1]
  if (status === 'UNAUTHENTICATED' || status === 'PERMISSION_DENIED')
    return reasonWords('the puppet refused the token')
  return status === 'UNIMPLEMENTED' ? reasonWords('UNIMPLEMENTED') : null
}

const loggedIn = ({ nickName, userId }: BotAccount, ms: number): StepRecord =>
  passed('account', ms, `${nickName} (${userId})`)
const nobody = (ms: number): StepRecord => ({
  ...{ step: 'account', verdict: 'unseen', ms },
  said: '还没有账号登录: 保存后扫码 / nobody is logged in yet: save it, then scan',
})
