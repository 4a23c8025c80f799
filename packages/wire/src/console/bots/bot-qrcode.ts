import { z } from 'zod'
import { botNamed } from './bot.ts'

/** The QR code of a bot as an image, for whoever shows it to people: beside the verbs, because it answers no JSON. */
export const botQrcode = {
  path: '/manage/bot-qrcode.png',
  summary: '机器人待扫的二维码, PNG 图片 / The QR code that a bot wants scanned, as PNG',
  query: z.object({ bot: botNamed() }),
  /** Beside those of login-bot. */
  refusals: {
    'no-qrcode':
      '此刻没有二维码, 状态见括号; 用 login-bot 查看 / there is no QR code at this moment, for the state in brackets; look with login-bot',
    'qrcode-too-long':
      '内容超出二维码的容量, 用 login-bot 取文本 / the text is more than a QR code holds; take it from login-bot',
  },
} as const
