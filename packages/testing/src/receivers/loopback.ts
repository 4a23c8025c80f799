import { createAddressGuard } from '../../../gateway/src/model/address-guard.ts'
import { resolveName } from '../../../gateway/src/model/resolve-name.ts'

/** Where the customers of tests listen; for QUNHUB_CALLBACK_ALLOW_CIDRS. */
export const LOOPBACK = '127.0.0.0/8,::1/128'
const ranges = LOOPBACK.split(',')

/** Lets callbacks go to this machine. */
export const loopbackGuard = createAddressGuard(ranges, resolveName)

/** For verbs alone, which connect to nobody: every name is at a public address, and no name server is asked. */
export const publicNamesGuard = createAddressGuard(ranges, async () => [
  { address: '93.184.215.14', family: 4 },
])
