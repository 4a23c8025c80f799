import { grpc, puppet } from '@juzi/wechaty-grpc'
import type { PuppetAddress } from '../model/bot.ts'
import { SECOND_MS } from '../model/clock.ts'
import { PuppetLacksCall, PuppetRefused, PuppetTimeout, PuppetUnavailable } from './puppet-failures.ts'

export const CALL_DEADLINE_MS = 8 * SECOND_MS
/** A room of 500 members with their contacts is well below; the stock server allows as much. */
const MESSAGE_BYTES_MAX = 80 * 1024 * 1024
/** Connections of a dead peer are found out by pings, not only by silence. */
const KEEPALIVE_MS = 30 * SECOND_MS
const KEEPALIVE_TIMEOUT_MS = 10 * SECOND_MS

type Client = InstanceType<typeof puppet.PuppetClient>
type UnaryCall<Ask, Answer> = (
  ask: Ask,
  metadata: grpc.Metadata,
  options: Partial<grpc.CallOptions>,
  answered: (error: grpc.ServiceError | null, answer: Answer) => void,
) => grpc.ClientUnaryCall

/** One connection to one puppet. Every call has a deadline, and every failure is one of ours. */
export interface PuppetClient {
  /** Throws PuppetTimeout, PuppetRefused (PuppetLacksCall) or PuppetUnavailable. */
  call<Ask, Answer>(pick: (client: Client) => UnaryCall<Ask, Answer>, ask: Ask): Promise<Answer>
  /** The event stream; `cancel()` frees the puppet's single slot, `destroy()` would keep it taken for ever. */
  events(since: { seq: number; accountId: string }): grpc.ClientReadableStream<puppet.EventResponse>
  close(): void
}

export function openPuppetClient(address: PuppetAddress, deadlineMs: number): PuppetClient {
  const client = new puppet.PuppetClient(address.endpoint, credentialsFor(address), channelOptions(address))
  return {
    call: (pick, ask) =>
      new Promise((resolve, reject) => {
        // gRPC keeps its own time: a deadline is an instant of the real clock, whatever clock the tests move.
        const deadline = Date.now() + deadlineMs
        pick(client).call(client, ask, new grpc.Metadata(), { deadline }, (error, answer) => {
          if (error) reject(toFailure(error))
          else resolve(answer)
        })
      }),
    events({ seq, accountId }) {
      const request = new puppet.EventRequest()
      if (seq > 0) request.setSeq(seq)
      if (accountId) request.setAccountId(accountId)
      return client.event(request)
    },
    close: () => client.close(),
  }
}

/** Plain text names the token as authority alone; with TLS it travels as a credential too. */
function credentialsFor({ tls, token }: PuppetAddress): grpc.ChannelCredentials {
  if (!tls) return grpc.credentials.createInsecure()
  const withToken = grpc.credentials.createFromMetadataGenerator((_parameters, done) => {
    const metadata = new grpc.Metadata()
    metadata.add('Authorization', `Wechaty ${token}`)
    done(null, metadata)
  })
  return grpc.credentials.combineChannelCredentials(grpc.credentials.createSsl(), withToken)
}

function channelOptions({ endpoint, token, tls }: PuppetAddress): grpc.ChannelOptions {
  return {
    'grpc.default_authority': token,
    'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
    'grpc.max_send_message_length': MESSAGE_BYTES_MAX,
    'grpc.keepalive_time_ms': KEEPALIVE_MS,
    'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
    // A new channel shall begin anew: from the global pool it would inherit the back-off of the one that broke.
    'grpc.use_local_subchannel_pool': 1,
    // Retries are ours; an addition that gRPC repeated by itself would be two cards.
    'grpc.enable_retries': 0,
    ...(tls ? { 'grpc.ssl_target_name_override': endpoint.slice(0, endpoint.lastIndexOf(':')) } : {}),
  }
}

function toFailure(error: grpc.ServiceError): Error {
  switch (error.code) {
    case grpc.status.DEADLINE_EXCEEDED:
      return new PuppetTimeout('the puppet did not answer in time', { cause: error })
    case grpc.status.UNAVAILABLE:
    case grpc.status.CANCELLED:
      return new PuppetUnavailable('the puppet cannot be reached', { cause: error })
    case grpc.status.UNIMPLEMENTED:
      return new PuppetLacksCall('the puppet does not have this call', { cause: error })
    default:
      return new PuppetRefused('the puppet refused', { cause: error })
  }
}
