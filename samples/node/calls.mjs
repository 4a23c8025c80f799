// 接口页的五个调用 / the five calls of the page. QUNHUB_URL, QUNHUB_TOKEN, BOT, CONTACTS=甲,乙,丙
import { createClient } from '@qunhub/client'

const { QUNHUB_URL: baseUrl, QUNHUB_TOKEN: token, BOT: bot, CONTACTS: contacts } = process.env
const client = createClient({ baseUrl, token })
const [first, second, third] = contacts.split(',')

const show = (name, answer, more = '') =>
  console.log(answer.ok ? `${name} 0 ${more}`.trim() : `${name} ${answer.code} ${answer.message}`)

// 自带 Idempotency-Key: 重试也只建一个群 / it brings an Idempotency-Key, so that tries make one room
const made = await client.room.create({ botUserId: bot, name: '示例群', wxids: [first, second] })
show('create', made)
if (!made.ok) process.exit(1)
const { roomWxid } = made.data

show('addMember', await client.room.addMember({ botUserId: bot, contactWxid: third, roomWxid }))

const ofMember = await client.room.listByMember({ contactWxid: third })
show('listByMember', ofMember, ofMember.ok ? ofMember.data[0].topic : '')

const all = await client.room.listByMHTag({ current: 1, pageSize: 20 })
show('listByMHTag', all, all.ok ? all.page.total : '')

show('exit', await client.room.exit({ wecomUserId: bot, roomWxid }))
