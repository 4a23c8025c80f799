/** The limit for idle bots: as many raw gRPC clients, each with an event stream and nothing else. Answers as bots-product.ts. */
import { grpc, puppet } from '@juzi/wechaty-grpc'
import { usage } from './usage.ts'

const { endpoint, bots } = JSON.parse(process.argv[2]!) as { endpoint: string; bots: { token: string }[] }

process.on('message', async asked => {
  if (asked === 'usage') return process.send?.(usage())
  // It has nothing to find out about them.
  if (asked === 'rooms') return process.send?.({ rooms: 0, isSynced: true })
  const beganAt = performance.now()
  await Promise.all(bots.map(({ token }) => follow(token)))
  process.send?.({ ms: performance.now() - beganAt })
})
process.once('disconnect', () => process.exit())
process.once('SIGTERM', () => process.exit(0))
process.send?.('open')

const follow = (token: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const client = new puppet.PuppetClient(endpoint, grpc.credentials.createInsecure(), {
      'grpc.default_authority': token,
      'grpc.use_local_subchannel_pool': 1,
    })
    const stream = client.event(new puppet.EventRequest())
    stream.once('data', () => resolve())
    stream.on('error', reject)
    stream.on('data', () => {})
  })
