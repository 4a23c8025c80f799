/**
 * A Wechaty program as its author would write it: the stock user layer, on the puppet service of the simulator.
 * It tells its parent what it hears and when, and speaks in a room or quits one when its parent says so.
 * `stock-bot.mjs <user layer> <puppet service> <token> <endpoint>`, run from a folder in which both packages are installed.
 */
const [userLayer, puppetService, token, endpoint] = process.argv.slice(2)
const { log, WechatyBuilder } = await import(userLayer)
const { PuppetService } = await import(puppetService)
// Its logger, brolog, writes what people say to the terminal otherwise.
log.level('silent')

const tell = (event, said = {}) => process.send({ event, at: Date.now(), ...said })
const ids = people => people.map(person => person.id)

const puppet = new PuppetService({ token, endpoint, tls: { disable: true } })
const bot = WechatyBuilder.build({ puppet })

bot.on('login', user => tell('login', { people: [user.id] }))
bot.on('error', error => tell('error', { text: String(error?.message ?? error) }))
bot.on('room-join', async (room, people, inviter) =>
  tell('room-join', { room: room.id, topic: await room.topic(), people: ids(people), by: inviter.id }),
)
bot.on('room-leave', async (room, people, remover) =>
  tell('room-leave', { room: room.id, topic: await room.topic(), people: ids(people), by: remover.id }),
)
bot.on('room-topic', (room, topic, before, changer) =>
  tell('room-topic', { room: room.id, topic, before, by: changer.id }),
)
bot.on('message', message =>
  tell('message', { room: message.room()?.id, by: message.talker().id, text: message.text() }),
)

process.on('message', async ({ order, roomId, text }) => {
  try {
    const room = await bot.Room.find({ id: roomId })
    if (order === 'say') tell('said', { room: roomId, text: (await room.say(text))?.text() })
    if (order === 'quit') await room.quit()
  } catch (error) {
    tell('refused', { text: String(error?.message ?? error) })
  }
})

// Whoever started it may have been killed.
process.on('disconnect', () => process.exit())

await bot.start()
