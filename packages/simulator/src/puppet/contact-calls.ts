import { puppet } from '@juzi/wechaty-grpc'
import { contactPayload, friendshipPayload } from './payloads.ts'
import { whenLoggedIn } from './puppet-call.ts'
import { contactOfFriendship } from './puppet-events.ts'

/** The calls about contacts, their remarks, and tags, of which this world has none. */
export const contactCalls = {
  contactList: whenLoggedIn((_request, { world, bot }) => {
    const response = new puppet.ContactListResponse()
    const people = [...world.bots.keys(), ...world.contacts.keys()]
    response.setIdsList(people.filter(wxid => world.canInvite(bot, wxid)))
    return response
  }),

  contactPayload: whenLoggedIn((request: puppet.ContactPayloadRequest, { world, bot, kept }) =>
    kept.contact(request.getId(), () => contactPayload(world, bot, request.getId())),
  ),

  // Unknown ids are left out: one stale id must not cost the caller the other five hundred.
  batchContactPayload: whenLoggedIn((request: puppet.BatchContactPayloadRequest, { world, bot }) => {
    const response = new puppet.BatchContactPayloadResponse()
    const known = request.getIdsList().filter((wxid: string) => world.knows(wxid))
    response.setContactPayloadsList(known.map((wxid: string) => contactPayload(world, bot, wxid)))
    return response
  }),

  contactAlias: whenLoggedIn((request: puppet.ContactAliasRequest, { world, bot }) => {
    const wxid = world.person(request.getId()).wxid
    if (request.hasAlias()) world.setRemark(wxid, request.getAlias(), bot.wxid)

    const response = new puppet.ContactAliasResponse()
    response.setAlias(world.remarks.get(bot.wxid)?.get(wxid) ?? '')
    return response
  }),

  friendshipPayload: whenLoggedIn((request: puppet.FriendshipPayloadRequest, { world }) => {
    const contactWxid = contactOfFriendship(request.getId())
    return friendshipPayload(request.getId(), world.person(contactWxid).wxid)
  }),

  contactPhone: whenLoggedIn((request: puppet.ContactPhoneRequest, { world }) => {
    world.person(request.getContactId())
    return new puppet.ContactPhoneResponse()
  }),

  tagContactTagList: whenLoggedIn(() => new puppet.TagContactTagListResponse()),
  tagGroupList: whenLoggedIn(() => new puppet.TagGroupListResponse()),
  tagGroupTagList: whenLoggedIn(() => new puppet.TagGroupTagListResponse()),
  tagTagList: whenLoggedIn(() => new puppet.TagTagListResponse()),
  tagTagContactList: whenLoggedIn(() => new puppet.TagTagContactListResponse()),
}
