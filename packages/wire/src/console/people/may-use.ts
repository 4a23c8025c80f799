import { operatorVerbs, type VerbName } from '../door/verbs.ts'
import { Role } from './role.ts'

/**
 * Who asks: the operator of this machine, by the secret that only he can read there; another node, for a bot that runs here; a
 * workspace's own tool, with a management token; a person who is signed in at the console.
 */
export type Asker =
  | { readonly realm: 'machine' }
  | { readonly realm: 'node' }
  | { readonly realm: 'management' }
  | { readonly realm: 'console'; readonly role: Role }

/**
 * Whether a verb may be used by whoever asks. The operator of the machine may use all of them, for he can read the store as well;
 * a node those that only the node of a bot can carry out; for a token and for a person the verb's own declaration says it.
 */
export function mayUse(name: VerbName, who: Asker): boolean {
  const verb = operatorVerbs[name]
  switch (who.realm) {
    case 'machine':
      return true
    case 'node':
      return 'runsAt' in verb
    case 'management':
      return verb.byToken
    case 'console':
      return Role.options.indexOf(who.role) >= Role.options.indexOf(verb.role)
    default:
      return who satisfies never
  }
}
