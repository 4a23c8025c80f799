import { isIP } from 'node:net'
import { checkServerIdentity, getCACertificates, type PeerCertificate } from 'node:tls'
import { grpc, type puppet } from '@juzi/wechaty-grpc'
import type { FoundPuppet } from '../model/bot.ts'
import { hostOf, isPrivateLink } from '../model/private-link.ts'
import { boundedPuppetClient } from './bounded-batches.ts'

/**
 * A list of 100,000 contacts has 2 MB (4 MB with the longest ids that are known), and five hundred contacts have 1 MB with all
 * that puppets say of them. What comes is parsed before anybody can look at it (but see `payload-reader.ts`), on the event
 * loop: 8 MiB of ids take a quarter of a second. The 80 MiB of stock clients would be ten times as much.
 */
const MESSAGE_BYTES_MAX = 8 * 1024 * 1024
/** Frequent pings make some servers hang up; silence is noticed by `ding` anyway, see `event-stream.ts`. */
const KEEPALIVE_EVERY_MS = 60_000
const KEEPALIVE_ANSWER_MS = 20_000

/**
 * A stub on a channel of its own. One that was lost is closed and replaced, never reused: the library shares
 * connections between equal channels, and with them a back-off of up to two minutes that nobody asked for.
 * With TLS the certificate must be the host's, and be vouched for by whom this machine trusts or by `ca` (PEM).
 */
export function openChannel(address: FoundPuppet, ca?: string): puppet.PuppetClient {
  const PuppetClient = boundedPuppetClient()
  return new PuppetClient(address.endpoint, credentialsFor(address, ca), {
    // Servers without TLS look for the token where the host name belongs. Certificates are checked for the host all the same.
    'grpc.default_authority': address.token,
    'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
    'grpc.max_send_message_length': MESSAGE_BYTES_MAX,
    'grpc.keepalive_time_ms': KEEPALIVE_EVERY_MS,
    'grpc.keepalive_timeout_ms': KEEPALIVE_ANSWER_MS,
    'grpc.use_local_subchannel_pool': 1,
    // Nobody asks for what the library would note down of each connection: fifteen entries for an idle bot.
    'grpc.enable_channelz': 0,
    'grpc.service_config_disable_resolution': 1,
    // A room created twice cannot be taken back: whether to try again is for the upper floors to say.
    'grpc.enable_retries': 0,
    ...(address.tls && isIP(hostOf(address.endpoint)) ? { 'grpc.ssl_target_name_override': NO_NAME } : {}),
    // The simulator next door must be reachable on a machine that sits behind a proxy.
    ...(isPrivateLink(address.endpoint, 'loopback') ? { 'grpc.enable_http_proxy': 0 } : {}),
  })
}

/** An address is no name that TLS may ask for (Node refuses it), and without any the library asks for the address. */
const NO_NAME = 'puppet.invalid'

const credentialsFor = (address: FoundPuppet, ca: string | undefined): grpc.ChannelCredentials => {
  if (!address.tls) return grpc.credentials.createInsecure()

  const bearer = grpc.credentials.createFromMetadataGenerator((_, done) => {
    const metadata = new grpc.Metadata()
    metadata.set('authorization', `Wechaty ${address.token}`)
    done(null, metadata)
  })
  const host = hostOf(address.endpoint)
  // Whatever name was asked for, the certificate must be that of the host.
  const ofHost = {
    checkServerIdentity: (_name: string, certificate: PeerCertificate) =>
      checkServerIdentity(host, certificate),
  }
  const trusted = ca === undefined ? null : Buffer.from([...getCACertificates('default'), ca].join('\n'))
  const credentials = grpc.credentials.createSsl(trusted, null, null, ofHost)
  return grpc.credentials.combineChannelCredentials(credentials, bearer)
}
