import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** Which IP addresses the gateway may post callbacks to (CB-11). */
export interface AddressGuard {
  /** `ip` as the system writes it, without brackets. */
  allows(ip: string): boolean
  /**
   * The addresses of a host of a parsed URL, a literal's own or what its name resolves to.
   * Rejects with {@link AddressRefused} if any of them is not allowed, and with what `resolve` throws.
   */
  addressesOf(host: string): Promise<readonly HostAddress[]>
}

export interface HostAddress {
  readonly address: string
  readonly family: number
}

/** Every address that a name has; rejects when it has none. */
export type ResolveName = (name: string) => Promise<readonly HostAddress[]>

/** The host is at an address that callbacks may not go to. */
export class AddressRefused extends Error {
  override name = 'AddressRefused'
  readonly host: string
  readonly ip: string
  constructor(host: string, ip: string) {
    super(host === ip ? `${ip} is not allowed` : `${host} is at ${ip}, which is not allowed`)
    this.host = host
    this.ip = ip
  }
}

/** Public addresses are allowed, and those within `ranges`, each of which is {@link isRange}. */
export function createAddressGuard(ranges: readonly string[], resolve: ResolveName): AddressGuard {
  const allowed = ranges.map(range => ipaddr.parseCIDR(range))
  // Who asks for a name that is being asked for shares the answer: the system answers few questions at a time, and a name
  // server that hangs must not take all of them for one name (CB-10).
  const asked = new Map<string, Promise<readonly HostAddress[]>>()
  const askOnce = (name: string): Promise<readonly HostAddress[]> => {
    const known = asked.get(name)
    if (known) return known
    const asking = resolve(name).finally(() => asked.delete(name))
    asked.set(name, asking)
    return asking
  }

  const allows = (ip: string): boolean => {
    if (!ipaddr.isValid(ip)) return false
    // What is written as IPv6 but means IPv4 (::ffff:127.0.0.1) is judged as what it means.
    const address = ipaddr.process(ip)
    return isPublic(address) || allowed.some(range => isWithin(address, range))
  }

  return {
    allows,
    async addressesOf(host) {
      const bare = host.replace(/^\[(.*)\]$/, '$1')
      const family = isIP(bare)
      const addresses = family === 0 ? await askOnce(bare) : [{ address: bare, family }]
      // One bad address condemns the name: which of them would be connected to is not ours to say.
      const refused = addresses.find(({ address }) => !allows(address))
      if (refused) throw new AddressRefused(bare, refused.address)
      return addresses
    },
  }
}

/** An address range such as 10.0.0.0/8 or fd00::/8, in the one notation that nobody can misread. */
export function isRange(text: string): boolean {
  const [address = '', ...rest] = text.split('/')
  if (rest.length !== 1 || !isIP(address) || !ipaddr.isValidCIDR(text)) return false
  const [parsed] = ipaddr.parseCIDR(text)
  // An address is judged as IPv4 where it means IPv4, so such a range would never match.
  return parsed instanceof ipaddr.IPv4 || !parsed.isIPv4MappedAddress()
}

type IpAddress = ipaddr.IPv4 | ipaddr.IPv6
type Range = readonly [IpAddress, number]

const isPublic = (address: IpAddress): boolean => {
  if (address.range() !== 'unicast') return false
  return address instanceof ipaddr.IPv4
    ? !isWithin(address, AZURE_HOST)
    : isWithin(address, GLOBAL_UNICAST) && !isWithin(address, DOCUMENTATION)
}

const isWithin = (address: IpAddress, [range, bits]: Range): boolean =>
  address.kind() === range.kind() && address.match(range as never, bits)

/** Where every machine on Azure finds its host; public by its number, and nobody's customer. */
const AZURE_HOST = ipaddr.parseCIDR('168.63.129.16/32')
/** All of IPv6 that is handed out; what lies outside is local, embeds IPv4, or is nothing yet (RFC 4291). */
const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3')
/** For documentation (RFC 9637); younger than the library's table. */
const DOCUMENTATION = ipaddr.parseCIDR('3fff::/20')
