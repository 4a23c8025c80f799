import type { ChatroomBody } from '../src/index.ts'

export const secretOf = (byte: number): string => `whsec_${Buffer.alloc(32, byte).toString('base64')}`

/** A `chatroom/joined` as the page shows one. */
export const JOINED: ChatroomBody = {
  chatId: '5dbe8287184b7cb41f52674e',
  botInfo: { wxid: '1688000000000001', weixin: 'xiaobei', nickName: '小北' },
  wxid: 'R:888888',
  topic: '大街小巷 🏮',
  avatarUrl: 'https://wx.example/1.png',
  ownerId: '',
  members: [],
  group: '5eda03260e21f35ca20f9eb4',
  syncedTime: 1_795_000_000_000,
}
