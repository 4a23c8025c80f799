import { expect, test } from 'vitest'
import {
  type Asker,
  managementVerbs,
  mayUse,
  type OperatorVerb,
  operatorVerbs,
  Role,
  type VerbName,
} from '../src/index.ts'

/** Who may use each verb: the least role of a person, T for a management token as well, N for another node. */
const EXPECTED: Readonly<Record<VerbName, `${Role}${' N' | ''}${' T' | ''}`>> = {
  'add-workspace': 'owner',
  'list-workspaces': 'viewer',
  'set-workspace': 'owner',
  'issue-token': 'owner',
  'list-tokens': 'viewer',
  'revoke-token': 'owner',
  'add-bot': 'owner',
  'set-bot': 'owner N',
  'try-puppet': 'owner',
  'examine-receiver': 'owner',
  'exit-room': 'operator N',
  'remove-bot': 'owner N',
  'list-bots': 'viewer N T',
  'show-bot': 'viewer N T',
  'login-bot': 'operator N T',
  'verify-bot': 'operator N',
  'logout-bot': 'operator N',
  'accept-account': 'owner',
  'sync-bot': 'operator N',
  'sync-room': 'operator N',
  'add-tag': 'operator',
  'rename-tag': 'operator',
  'remove-tag': 'owner',
  'list-tags': 'viewer',
  'assign-tag': 'operator',
  'unassign-tag': 'operator',
  'assign-tag-to-all': 'operator',
  'unassign-tag-from-all': 'operator',
  'list-chats': 'viewer',
  'show-chat': 'viewer',
  'set-callback-url': 'owner T',
  'clear-callback-url': 'owner T',
  'set-callback-header': 'owner T',
  'clear-callback-header': 'owner T',
  'show-callback-secret': 'owner T',
  'rotate-callback-secret': 'owner T',
  'show-callback-address': 'viewer T',
  'resume-callbacks': 'operator T',
  'list-callbacks': 'viewer T',
  'show-callback-counts': 'viewer T',
  'list-callbacks-after': 'viewer T',
  'show-callback': 'viewer T',
  'replay-callbacks': 'operator T',
  'start-replay': 'operator T',
  'list-replays': 'viewer T',
  'steer-replay': 'operator T',
  'list-contacts': 'viewer',
  'import-contacts': 'operator',
  'resolve-contacts': 'operator',
  'test-alert': 'operator',
  'list-nodes': 'viewer',
  'test-callback': 'operator T',
  'list-people': 'owner',
  'add-person': 'owner',
  'set-role': 'owner',
  'remove-person': 'owner',
  'issue-setup-code': 'owner',
  'list-audit': 'owner',
  'show-callback-rate': 'viewer T',
  'list-requests': 'viewer',
  'show-overview': 'viewer',
  'try-request': 'operator',
  'list-matches': 'viewer',
  'show-simulator': 'viewer',
  'simulate-join': 'operator',
  'simulate-leave': 'operator',
  'simulate-card': 'operator',
  'simulate-crowd': 'operator',
  'simulate-message': 'operator',
  'simulate-account': 'operator',
  'simulate-fault': 'operator',
  'clear-simulated-faults': 'operator',
}

const names = Object.keys(operatorVerbs) as VerbName[]
const usedBy = (who: Asker) => names.filter(name => mayUse(name, who))

test('OP-45 every verb says who may use it', () => {
  const silent = Object.entries<Partial<OperatorVerb>>(operatorVerbs).filter(
    ([, { role, byToken }]) => !Role.safeParse(role).success || typeof byToken !== 'boolean',
  )
  expect(silent.map(([name]) => name)).toEqual([])
  expect(names.toSorted()).toEqual(Object.keys(EXPECTED).toSorted())
})

test.each(names)('OP-45 %s may be used by whom the table says', name => {
  const [least, ...realms] = EXPECTED[name].split(' ')
  const roles = Role.options.filter(role => mayUse(name, { realm: 'console', role }))
  expect({
    roles,
    node: mayUse(name, { realm: 'node' }),
    token: mayUse(name, { realm: 'management' }),
    machine: mayUse(name, { realm: 'machine' }),
  }).toEqual({
    roles: Role.options.slice(Role.options.indexOf(least as Role)),
    node: realms.includes('N'),
    token: realms.includes('T'),
    machine: true,
  })
})

test('OP-45 an owner may use every verb, a viewer none that changes anything', () => {
  expect(usedBy({ realm: 'console', role: 'owner' })).toEqual(names)
  expect(usedBy({ realm: 'console', role: 'viewer' }).filter(name => !/^(list|show)-/.test(name))).toEqual([])
  expect(usedBy({ realm: 'console', role: 'viewer' })).not.toContain('show-callback-secret')
})

test('OP-45 the verbs of the management API are those that say that a token opens them', () => {
  expect(Object.keys(managementVerbs)).toEqual(usedBy({ realm: 'management' }))
})
