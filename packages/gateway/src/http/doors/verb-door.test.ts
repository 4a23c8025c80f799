import { type Asker, mayUse, operatorVerbs, type VerbName } from '@qunhub/wire'
import { expect, test } from 'vitest'
import { verbFor } from './verb-door.ts'

const askers: readonly Asker[] = [
  { realm: 'machine' },
  { realm: 'node' },
  { realm: 'management' },
  { realm: 'console', role: 'viewer' },
  { realm: 'console', role: 'operator' },
  { realm: 'console', role: 'owner' },
]

test.each(askers)(
  'OP-44 the door admits %o to the verbs that the contract lets him use, and to no other name',
  who => {
    for (const name of Object.keys(operatorVerbs) as VerbName[])
      expect(verbFor(who, name), name).toEqual(mayUse(name, who) ? { verb: name, who } : undefined)
    for (const name of [undefined, '', 'toString', 'constructor', 'no-such-verb'])
      expect(verbFor(who, name)).toBeUndefined()
  },
)
