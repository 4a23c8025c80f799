// 接收回调 / receives callbacks. PORT, QUNHUB_SECRETS=密钥 (更换期间多个, 空格分隔 / several while one is replaced)
import { createServer } from 'node:http'
import { createReceiver } from '@qunhub/client/receiver'
import { toNode } from '@qunhub/client/receiver/node'

const receiver = createReceiver({
  secrets: (process.env.QUNHUB_SECRETS ?? '').split(/\s+/).filter(Boolean),
  onUnknown: ({ kind }) => console.log(kind),
})
  .on('chatroom/joined', ({ kind, body }) => console.log(kind, body.topic))
  .on('chatroom/loaded', ({ kind, body }) => console.log(kind, body.topic))

createServer(toNode(receiver)).listen(Number(process.env.PORT), '127.0.0.1', () => console.log('ready'))
