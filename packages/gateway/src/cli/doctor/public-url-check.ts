/** The address that customers are told: whether it can be reached from here, and the certificate that they will meet. */
import type { Config } from '../../config/config.ts'
import { createAddressGuard } from '../../model/address-guard.ts'
import { resolveName } from '../../model/resolve-name.ts'
import { systemClock } from '../../system/clock.ts'
import { reach } from '../../system/reach.ts'
import { type Finding, says } from '../show/report.ts'
import { wayFindings } from './way-findings.ts'

/** It is the operator's own, so it may be anywhere. */
const ANYWHERE = ['0.0.0.0/0', '::/0']

const MEND = says(
  '在前面的代理上换上有效期内、域名相符、含完整证书链的证书; 客户的程序按系统信任的 CA 核对',
  'install one on the proxy that is current, of this name, and with its whole chain; customers’ programs trust the CAs of their system',
)

export async function lookAtPublicUrl({ publicUrl }: Config): Promise<Finding[]> {
  if (publicUrl === undefined) return []
  const guard = createAddressGuard(ANYWHERE, resolveName)
  const way = await reach(new URL(publicUrl), { guard, ca: undefined, clock: systemClock })
  return wayFindings(way, { of: 'QUNHUB_PUBLIC_URL', renew: MEND }, systemClock.now()).map(asSeenFromInside)
}

/** Behind a NAT or a split DNS this machine may not get there where customers do: that is worth a look, and no fault yet. */
const asSeenFromInside = (found: Finding): Finding =>
  found.verdict === 'failed' && found.check !== 'tls' ? { ...found, verdict: 'warned', next: LOOK } : found

const LOOK = says(
  '从客户的网络试一次; 那里也不通时, 看前面的代理是否在运行, 端口与域名是否正确',
  'try it from a customer’s network; where it fails there too, see whether the proxy runs, and check port and name',
)
