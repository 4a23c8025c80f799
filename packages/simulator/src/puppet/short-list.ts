import type { puppet } from '@juzi/wechaty-grpc'
import type { PuppetCallName } from '../puppet-call-names.ts'

/** Leaves some out of the answer to a list: those named, or else every second one. */
export function shorten(
  name: PuppetCallName,
  response: object,
  without: readonly string[] | undefined,
): void {
  const rest = (ids: readonly string[]) =>
    without ? ids.filter(id => !without.includes(id)) : ids.filter((_id, at) => at % 2 === 0)
  if (name === 'roomMemberList') {
    const members = response as puppet.RoomMemberListResponse
    members.setMemberIdsList(rest(members.getMemberIdsList()))
    return
  }
  const list = response as puppet.RoomListResponse | puppet.ContactListResponse
  list.setIdsList(rest(list.getIdsList()))
}
