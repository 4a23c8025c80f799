/** Where callbacks go: whether a workspace has an address, whether it takes them, what waits, and its certificate. */
import { type AddressRecord, operatorVerbs, type WorkspaceRecord } from '@qunhub/wire'
import type { Config } from '../../config/config.ts'
import { createAddressGuard } from '../../model/address-guard.ts'
import { resolveName } from '../../model/resolve-name.ts'
import { MINUTE_MS, systemClock } from '../../system/clock.ts'
import { reach } from '../../system/reach.ts'
import { ask } from '../ask.ts'
import { type Finding, says } from '../show/report.ts'
import { showTime } from '../show/show-time.ts'
import { ANSWER_MAX_MS, apart, finding } from './say.ts'
import { wayFindings } from './way-findings.ts'

/** Callbacks go out within a second; what waits longer waits for something. */
const WAIT_MAX_MS = 5 * MINUTE_MS

export async function lookAtAddress(config: Config, workspace: WorkspaceRecord): Promise<Finding[]> {
  const what = says(`回调地址 (${workspace.name})`, `callback base (${workspace.name})`)
  const reply = await ask(config, 'show-callback-address', { workspace: workspace.id }, ANSWER_MAX_MS)
  if (!reply.ok)
    return [
      finding(
        'callback-address',
        what,
        reply.refused === 'callback-url-unset' ? 'warned' : 'failed',
        apart(reply.message),
      ),
    ]
  const address = operatorVerbs['show-callback-address'].output.parse(reply.value)
  const guard = createAddressGuard(config.callbackAllowCidrs, resolveName)
  const way = await reach(new URL(address.url), { guard, ca: config.callbackCa, clock: systemClock })
  return [
    addressFinding(what, address, systemClock.now()),
    ...wayFindings(way, { of: workspace.name }, systemClock.now()),
  ]
}

export function addressFinding(what: Finding['what'], address: AddressRecord, now: number): Finding {
  const { breaker, openUntil, waiting, oldestOwedAt } = address
  const held = says(
    `待投递 ${waiting} 条, 最早 ${showTime(oldestOwedAt)}`,
    `${waiting} wait, the oldest since ${showTime(oldestOwedAt)}`,
  )
  if (breaker !== 'closed')
    return finding(
      'callback-address',
      what,
      'failed',
      says(
        `已熔断, ${showTime(openUntil)} 试探; ${held.chinese}`,
        `its breaker is open, a probe at ${showTime(openUntil)}; ${held.english}`,
      ),
      says(
        '修好接收方, 用 qunhub callback test 试, 再 qunhub callback resume',
        'mend the receiver, try it by qunhub callback test, then qunhub callback resume',
      ),
    )
  if (oldestOwedAt !== null && oldestOwedAt < now - WAIT_MAX_MS)
    return finding(
      'callback-address',
      what,
      'warned',
      held,
      says(
        '看为何没有收下: qunhub callback list --state due',
        'see why they are not taken: qunhub callback list --state due',
      ),
    )
  return finding(
    'callback-address',
    what,
    'passed',
    says(`正常, 待投递 ${waiting} 条`, `it takes callbacks; ${waiting} wait`),
  )
}
