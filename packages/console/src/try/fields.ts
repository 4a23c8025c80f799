/** The form of an endpoint, made of the contract. */
import { describeFields, type Endpoint } from '@qunhub/wire'

/** By what lists somebody finds the id that a field wants. */
export type Offered = 'bot' | 'room' | 'contact' | 'coworker' | 'unionId' | 'tag'

export interface TryField {
  readonly name: string
  readonly isRequired: boolean
  readonly isList: boolean
  /** Chinese first, English second; empty where the name says it. */
  readonly words: string
  readonly offered: Offered | undefined
}

const OFFERED: Readonly<Record<string, Offered>> = {
  botUserId: 'bot',
  wecomUserId: 'bot',
  roomWxid: 'room',
  contactWxid: 'contact',
  wxids: 'contact',
  userIds: 'coworker',
  unionIds: 'unionId',
  mhTagId: 'tag',
}

/** All but the token: the gateway knows who asks. */
export const fieldsOf = ({
  name: endpoint,
  request,
}: Pick<Endpoint, 'name' | 'request'>): readonly TryField[] =>
  describeFields(request)
    .filter(({ name }) => /^\w+$/.test(name) && name !== 'token')
    .map(({ name, isRequired, types, words }) => ({
      ...{ name, isRequired, words, isList: types.includes('array') },
      offered: name === 'wxid' ? (endpoint === 'contactList' ? 'contact' : 'room') : OFFERED[name],
    }))

export type TypedFields = Readonly<Record<string, string>>

/** What is sent: what was left empty is not said, and of a list each line is one. */
export function bodyOf(
  fields: readonly TryField[],
  typed: TypedFields,
): Readonly<Record<string, string | string[]>> {
  return Object.fromEntries(
    fields.flatMap(({ name, isList }) => {
      const text = (typed[name] ?? '').trim()
      if (text === '') return []
      const lines = text.split(/[\n,，]/).map(line => line.trim())
      return [[name, isList ? lines.filter(line => line !== '') : text] as const]
    }),
  )
}

/** Whether it does something in WeCom, or only looks. */
export const doesSomething = ({ method }: Pick<Endpoint, 'method'>): boolean => method === 'POST'

/** The last line of what is being typed into a list; of anything else, all of it. */
export const soughtIn = (text: string, isList: boolean): string =>
  (isList ? (text.split('\n').at(-1) ?? '') : text).trim()
