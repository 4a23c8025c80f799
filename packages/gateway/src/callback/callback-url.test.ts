import { describe, expect, test } from 'vitest'
import { callbackUrl, isCallbackKind } from './callback-url.ts'

describe('the address of a callback', () => {
  test.each([
    ['a bare origin', 'https://shop.example', 'https://shop.example/chatroom/joined'],
    ['a base with a slash at its end', 'https://shop.example/', 'https://shop.example/chatroom/joined'],
    [
      'a base with a path',
      'https://shop.example/hooks/wecom',
      'https://shop.example/hooks/wecom/chatroom/joined',
    ],
    [
      'a path with slashes at its end',
      'https://shop.example/hooks//',
      'https://shop.example/hooks/chatroom/joined',
    ],
    [
      'a query, which stays',
      'https://shop.example/in?key=a%2Bb&n=1',
      'https://shop.example/in/chatroom/joined?key=a%2Bb&n=1',
    ],
    [
      'a query right behind the origin',
      'http://127.0.0.1:8080?key=1',
      'http://127.0.0.1:8080/chatroom/joined?key=1',
    ],
    [
      'an escaped path, which stays escaped',
      'https://shop.example/a%2Fb',
      'https://shop.example/a%2Fb/chatroom/joined',
    ],
    ['a Chinese path', 'https://shop.example/群', 'https://shop.example/%E7%BE%A4/chatroom/joined'],
  ])('CB-5 the sub-path is appended to %s', (_what, base, url) => {
    expect(callbackUrl(base, 'chatroom/joined').href).toBe(url)
  })

  test.each(['chatroom/loaded', 'room/joined', 'room/left', 'room/topic'] as const)(
    'CB-5 NB-6 %s has its own sub-path',
    kind => {
      expect(callbackUrl('https://shop.example/in', kind).pathname).toBe(`/in/${kind}`)
    },
  )

  test('CB-5 a kind that a newer version wrote is told from those that we know', () => {
    expect(isCallbackKind('chatroom/joined')).toBe(true)
    expect(isCallbackKind('room/left')).toBe(true)
    expect(isCallbackKind('room/dissolved')).toBe(false)
  })
})
