import type { AskedBy } from '../../operator/audit.ts'
import type { SessionOfPerson } from '../../store/people/sessions.ts'

/** As it is written down of what he does. */
export const personAsking = ({ personId, name }: Pick<SessionOfPerson, 'personId' | 'name'>): AskedBy => ({
  realm: 'console',
  whoId: personId,
  who: name,
})
