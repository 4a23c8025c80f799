import { managementVerbs, operatorVerbs, type VerbName } from '@qunhub/wire'
import { expect, test } from 'vitest'
import { verbIn } from './verb-door.ts'

const names = Object.keys(operatorVerbs) as VerbName[]

test('OP-44 the operator of the machine may use every verb, a node those of a bot that it may run, a token those of management', () => {
  expect(names.filter(name => verbIn('machine', name))).toEqual(names)
  expect(names.filter(name => verbIn('node', name)).sort()).toEqual([
    'list-bots',
    'login-bot',
    'logout-bot',
    'remove-bot',
    'set-bot',
    'show-bot',
    'sync-bot',
    'verify-bot',
  ])
  expect(names.filter(name => verbIn('manage', name)).sort()).toEqual(Object.keys(managementVerbs).sort())
  for (const realm of ['machine', 'node', 'manage'] as const)
    for (const name of [undefined, '', 'toString', 'no-such-verb'])
      expect(verbIn(realm, name)).toBeUndefined()
})
