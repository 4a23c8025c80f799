import { expect, test } from 'vitest'
import { isConfirmed, toConfirm } from '../src/frame/acting/confirm.ts'
import { whereTo } from '../src/frame/where-to.ts'

test('UI-80 a name is confirmed as people see it, whatever blanks stand in it; who has none goes by his id', () => {
  expect(isConfirmed('答谢群', '答谢群 ')).toBe(true)
  expect(isConfirmed('老客户 答谢群', ' 老客户  答谢群\u200b\n')).toBe(true)
  expect(isConfirmed('Cafe\u0301', 'Caf\u00e9')).toBe(true)
  expect(isConfirmed('答谢', '答谢群')).toBe(false)
  expect(isConfirmed('', toConfirm(' \u200b', '5dbe'))).toBe(false)
  expect(toConfirm(' \u200b', '5dbe')).toBe('5dbe')
  expect(toConfirm('👨‍👩‍👧 群', '5dbe')).toBe('👨‍👩‍👧 群')
})

test('UI-81 what an id names is found by it, and everything else is part of a topic', () => {
  expect(whereTo(' 5dbe8287184b7cb41f52674f ')).toEqual({
    page: 'rooms',
    search: { open: '5dbe8287184b7cb41f52674f' },
  })
  expect(whereTo('R:10865283719405526')).toMatchObject({ search: { room: 'R:10865283719405526' } })
  expect(whereTo(`msg_${'a'.repeat(24)}`)).toMatchObject({ page: 'callbacks' })
  expect(whereTo('答谢')).toEqual({ page: 'rooms', search: { topic: '答谢' } })
  expect(whereTo('  ')).toBeUndefined()
})
