/**
 * What the stock client does when its server is killed or frozen, for the second column of
 * docs/reliability.md. In a process of its own, because it may end it: `<endpoint> <token>`; says one line of JSON for
 * everything that it hears, and asks for its rooms every second.
 */
import { log } from '@juzi/wechaty-puppet'
import { PuppetService } from '@juzi/wechaty-puppet-service'

const [endpoint, token] = process.argv.slice(2)
const ASK_EVERY_MS = 1000
log.level('silent')
const say = (what: string, more: object = {}) =>
  console.log(JSON.stringify({ at: Date.now(), what, ...more }))

process.on('uncaughtException', error => {
  say('uncaughtException', { message: error.message })
  process.exit(1)
})
const client = new PuppetService({ token: token!, endpoint: endpoint!, tls: { disable: true } })
client.on('login', () => say('login'))
client.on('logout', () => say('logout'))
client.on('error', ({ data }: { data?: string }) => say('error', { message: String(data).slice(0, 120) }))
client.on('heartbeat', () => say('heartbeat'))
client.start().then(
  () => say('started'),
  error => say('not started', { message: String(error).slice(0, 120) }),
)
setInterval(() => {
  const askedAt = Date.now()
  client.roomList().then(
    rooms => say('rooms', { ms: Date.now() - askedAt, count: rooms.length }),
    error => say('no rooms', { ms: Date.now() - askedAt, message: String(error).slice(0, 80) }),
  )
}, ASK_EVERY_MS)
