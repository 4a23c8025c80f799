import { readFileSync } from 'node:fs'
import type * as wire from '@qunhub/wire'
import { describe, expect, expectTypeOf, test } from 'vitest'
import type { z } from 'zod'
import type * as client from '../src/index.ts'
import { CONTRACT_FILE, renderContract } from './render-contract.ts'

/** What wire says without its brands, which only parsing gives, and read-only, as whoever is told a thing takes it. */
type Plain<T> = T extends { readonly [z.$brand]: unknown }
  ? string
  : T extends readonly (infer Item)[]
    ? readonly Plain<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Plain<T[Key]> }
      : T

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
type Asked<E extends wire.Endpoint> = Plain<Omit<z.input<E['request']>, 'token'>>
type Row<E extends { reply: z.ZodType<{ data: unknown[] }> }> = Plain<z.output<E['reply']>['data'][number]>
type Paged<T> = { [Key in keyof T]: Key extends 'current' | 'pageSize' ? number | null | undefined : T[Key] }

describe('the client says what the wire says', () => {
  test('CL-1 src/contract.ts is what `npm run generate -w @qunhub/client` writes', () => {
    expect(readFileSync(CONTRACT_FILE, 'utf8')).toBe(renderContract())
  })

  test('CL-2 what is asked is what the wire takes', () => {
    expectTypeOf<Same<client.RoomAddMemberRequest, Asked<typeof wire.addMember>>>().toEqualTypeOf<true>()
    expectTypeOf<Same<client.RoomCreateRequest, Asked<typeof wire.create>>>().toEqualTypeOf<true>()
    expectTypeOf<Same<client.RoomExitRequest, Asked<typeof wire.exit>>>().toEqualTypeOf<true>()
    expectTypeOf<
      Same<client.RoomListByMemberRequest, Asked<typeof wire.listByMember>>
    >().toEqualTypeOf<true>()
    expectTypeOf<
      Same<client.RoomListByMHTagRequest, Paged<Asked<typeof wire.listByMHTag>>>
    >().toEqualTypeOf<true>()
  })

  test('CL-2 the rows of the neighbours are what the wire gives, and their pages are asked for alike', () => {
    expectTypeOf<Same<client.SimpleRoomRow, Row<typeof wire.simpleList>>>().toEqualTypeOf<true>()
    expectTypeOf<Same<client.BotRow, Row<typeof wire.botList>>>().toEqualTypeOf<true>()
    expectTypeOf<Same<client.ContactRow, Row<typeof wire.contactList>>>().toEqualTypeOf<true>()
    expectTypeOf<Same<client.TagRecord, Row<typeof wire.tagList>>>().toEqualTypeOf<true>()
    expectTypeOf<
      Same<client.ContactListRequest, Paged<Asked<typeof wire.contactList>>>
    >().toEqualTypeOf<true>()
    expectTypeOf<Same<client.RoomListRequest, Paged<Asked<typeof wire.roomList>>>>().toEqualTypeOf<true>()
  })

  test('CL-2 what is answered, and what is told in callbacks, is what the wire gives', () => {
    expectTypeOf<Same<client.RoomRow, Plain<wire.RoomRow>>>().toEqualTypeOf<true>()
    expectTypeOf<Same<client.ChatroomBody, Plain<wire.ChatroomBody>>>().toEqualTypeOf<true>()
    expectTypeOf<Same<client.RoomJoinedBody, Plain<wire.RoomJoinedBody>>>().toEqualTypeOf<true>()
    expectTypeOf<Same<client.RoomLeftBody, Plain<wire.RoomLeftBody>>>().toEqualTypeOf<true>()
    expectTypeOf<Same<client.RoomTopicBody, Plain<wire.RoomTopicBody>>>().toEqualTypeOf<true>()
    expectTypeOf<keyof client.CallbackBodies>().toEqualTypeOf<wire.CallbackKind>()
  })

  test('CL-2 the words of the refusals are those of the wire, and a call names its own account', () => {
    expectTypeOf<client.RoomAddMemberRefusal>().toEqualTypeOf<wire.RefusalOf<typeof wire.addMember>>()
    expectTypeOf<client.RoomCreateRefusal>().toEqualTypeOf<wire.RefusalOf<typeof wire.create>>()
    expectTypeOf<client.RoomExitRefusal>().toEqualTypeOf<wire.RefusalOf<typeof wire.exit>>()
    const calls = {} as client.Client
    const misnamed = () => {
      // @ts-expect-error this endpoint alone calls the account wecomUserId
      return calls.room.exit({ botUserId: 'xiaobei', roomWxid: 'R:1' })
    }
    expect(misnamed).toThrow()
  })
})
