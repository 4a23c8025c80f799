import type { ContactWxid, UserId } from '@qunhub/wire'
import { expect, test } from 'vitest'
import type { BotAccount } from './bot.ts'
import { isExpectedAccount } from './expected-account.ts'

const account = (userId: string, wxid = `wx-${userId}`): BotAccount => ({
  ...{ wxid: wxid as ContactWxid, userId: userId as UserId, nickName: userId, avatarUrl: '' },
  kind: 'wecom',
})
const bei = account('bei')
const nan = account('nan')
const beiOfAnotherCorp = account('bei', 'wx-another')

test.each([
  ['anybody, where nobody is named or known', null, null, nan, true],
  ['who was named', 'nan', null, nan, true],
  ['who was named, whatever the case of the letters', 'NaN', null, nan, true],
  ['who was named by wxid', 'wx-nan', null, nan, true],
  ['another than was named', 'bei', null, nan, false],
  ['who is known', null, bei, bei, true],
  ['who is known, by a new userId', 'bei', bei, account('bei-2', 'wx-bei'), true],
  ['another than is known', null, bei, nan, false],
  ['another than is known and was named', 'bei', bei, nan, false],
  ['who was named after the known one', 'nan', bei, nan, true],
  ['the known one, although another was named after it', 'nan', bei, bei, true],
  ['a namesake of the known one in another corp', 'bei', bei, beiOfAnotherCorp, false],
  ['a namesake of the known one, named by wxid', 'wx-another', bei, beiOfAnotherCorp, true],
] as const)('BOT-125 %s: named %s', (_who, named, known, login, isExpected) => {
  expect(isExpectedAccount({ expectedUserId: named as UserId | null, account: known }, login)).toBe(
    isExpected,
  )
})
