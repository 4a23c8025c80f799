/**
 * The stock Wechaty client against the simulator: says which rooms there are, lets a customer join one, hears of it, and ends.
 * First `npm run simulator`, then `node run-on-node-26.mjs packages/simulator/examples/stock-client.ts [control URL]`.
 */
import { log } from '@juzi/wechaty-puppet'
import { PuppetService } from '@juzi/wechaty-puppet-service'

interface World {
  bots: { wxid: string; token: string; endpoint: string }[]
  contacts: { wxid: string; kind: string }[]
  rooms: { wxid: string; topic: string; external: boolean; members: { wxid: string }[] }[]
}

const control = process.argv[2] ?? 'http://127.0.0.1:3100'
const { bots, contacts, rooms } = (await (await fetch(`${control}/world`)).json()) as World
const [bot] = bots
if (!bot) throw new Error('this scene has no bot')

// It logs what people say otherwise.
log.level('silent')
const puppet = new PuppetService({ token: bot.token, endpoint: bot.endpoint, tls: { disable: true } })
const loggedIn = new Promise<void>(resolve => void puppet.once('login', () => resolve()))
const joined = new Promise<{ roomId: string }>(resolve => void puppet.once('room-join', resolve))
await puppet.start()
await loggedIn
console.log('rooms', (await puppet.roomList()).length)

const room = rooms.find(({ external, members }) => external && members.some(({ wxid }) => wxid === bot.wxid))!
const newcomer = contacts.find(
  ({ wxid, kind }) => kind === 'wechat' && !room.members.some(member => member.wxid === wxid),
)!
await fetch(`${control}/rooms/${room.wxid}/members`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ wxid: newcomer.wxid }),
})
console.log('joined', (await joined).roomId === room.wxid ? room.topic : 'another room')
process.exit(0)
