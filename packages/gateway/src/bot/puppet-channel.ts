import { grpc, puppet } from '@juzi/wechaty-grpc'
import type { PuppetAddress } from '../model/bot.ts'

/** The form of the tokens under which accounts are hosted. The token travels in a header, so nothing else may pass. */
export const PUPPET_TOKEN_PATTERN = /^[A-Za-z0-9_-]{8,128}$/

/** What the stock client and server allow; a contact list of a big account does not fit into the default 4 MiB. */
const MESSAGE_BYTES_MAX = 80 * 1024 * 1024
/** Frequent pings make some servers hang up; silence is noticed by `ding` anyway, see `event-stream.ts`. */
const KEEPALIVE_EVERY_MS = 60_000
const KEEPALIVE_ANSWER_MS = 20_000

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\]):\d+$/

/**
 * A stub on a channel of its own. One that was lost is closed and replaced, never reused: the library shares
 * connections between equal channels, and with them a back-off of up to two minutes that nobody asked for.
 */
export const openChannel = (address: PuppetAddress): puppet.PuppetClient =>
  new puppet.PuppetClient(address.endpoint, credentialsFor(address), {
    // Servers without TLS look for the token where the host name belongs.
    'grpc.default_authority': address.token,
    'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
    'grpc.max_send_message_length': MESSAGE_BYTES_MAX,
    'grpc.keepalive_time_ms': KEEPALIVE_EVERY_MS,
    'grpc.keepalive_timeout_ms': KEEPALIVE_ANSWER_MS,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.service_config_disable_resolution': 1,
    // A room created twice cannot be taken back: whether to try again is for the upper floors to say.
    'grpc.enable_retries': 0,
    // The simulator next door must be reachable on a machine that sits behind a proxy.
    ...(LOOPBACK.test(address.endpoint) ? { 'grpc.enable_http_proxy': 0 } : {}),
  })

const credentialsFor = (address: PuppetAddress): grpc.ChannelCredentials => {
  if (!address.tls) return grpc.credentials.createInsecure()

  const bearer = grpc.credentials.createFromMetadataGenerator((_, done) => {
    const metadata = new grpc.Metadata()
    metadata.set('authorization', `Wechaty ${address.token}`)
    done(null, metadata)
  })
  return grpc.credentials.combineChannelCredentials(grpc.credentials.createSsl(), bearer)
}
