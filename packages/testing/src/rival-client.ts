import { grpc, puppet } from '@juzi/wechaty-grpc'

/**
 * Another program that has bought the same token: it wants the puppet's only event stream, as soon as
 * the puppet is there, and says nothing more.
 */
export interface RivalClient {
  /** Resolves with whether it got the stream: its first data, or code 6. */
  readonly holds: Promise<boolean>
  leave(): void
}

export function openRival(endpoint: string, token: string): RivalClient {
  const stub = new puppet.PuppetClient(endpoint, grpc.credentials.createInsecure(), {
    'grpc.default_authority': token,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.initial_reconnect_backoff_ms': 100,
  })
  const stream = stub.event(new puppet.EventRequest(), new grpc.Metadata({ waitForReady: true }))
  const holds = new Promise<boolean>((resolve, reject) => {
    stream.once('data', () => resolve(true))
    stream.on('error', (error: grpc.ServiceError) =>
      error.code === grpc.status.ALREADY_EXISTS ? resolve(false) : reject(error),
    )
  })
  return {
    holds,
    leave() {
      stream.cancel()
      stub.close()
    },
  }
}
