import { addMember, create, type Endpoint, exit, listByMember } from '@qunhub/wire'
import type { Fields } from './api-facts.ts'

/** An account, contacts and a room that nobody has. */
export const NOBODY = 'qunhub-conform-nobody'
const CONTACTS = ['7880000000000001', '7880000000000002']
export const NO_ROOM = 'R:0000000000000000'

/** A whole request that changes nothing, whatever a server makes of it: the account that is to act is nobody's. */
export function harmless({ name }: Endpoint): Fields {
  switch (name) {
    case addMember.name:
      return { botUserId: NOBODY, contactWxid: CONTACTS[0], roomWxid: NO_ROOM }
    case create.name:
      return { botUserId: NOBODY, wxids: CONTACTS }
    case exit.name:
      return { wecomUserId: NOBODY, roomWxid: NO_ROOM }
    case listByMember.name:
      return { contactWxid: CONTACTS[0] }
    default:
      return {}
  }
}
