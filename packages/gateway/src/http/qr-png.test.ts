import { scan } from '@qunhub/testing/read-png.ts'
import { expect, test } from 'vitest'
import { toQrCode } from '../model/qr-code.ts'
import { toPng } from './qr-png.ts'

test('BOT-115 a text that is more than a QR code holds makes none', () => {
  expect(toQrCode('x'.repeat(2954))).toBeNull()
  expect(toQrCode('群'.repeat(985))).toBeNull()
})

test.each([
  ['a login link', 'https://login.work.weixin.qq.com/wwqrlogin/login?key=3f9c01d2a7&appid=ww'],
  ['Chinese', '群枢扫码登录'],
  ['as much as is let in', `https://x/${'a1Z'.repeat(300)}`],
])('BOT-115 the picture is a PNG that a scanner reads back: %s', (_what, text) => {
  expect(scan(toPng(toQrCode(text)!))).toBe(text)
})
