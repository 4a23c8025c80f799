import { expect, test } from 'vitest'
import type { z } from 'zod'
import { commandGroups, fieldForm, fieldWords, type OperatorVerb, operatorVerbs } from '../src/index.ts'

const fields = Object.entries(operatorVerbs).flatMap(([verb, { input }]) =>
  Object.entries<z.ZodType>(input.shape).map(([field, schema]) => [`${verb}.${field}`, schema] as const),
)

test('OP-43 every field that a verb takes has its words, Chinese and English', () => {
  expect(fields.length).toBeGreaterThan(100)
  const silent = fields.filter(([, schema]) => {
    const words = fieldWords(schema)
    return !words || !/\p{Script=Han}/u.test(words.chinese) || words.english === ''
  })
  expect(silent.map(([name]) => name)).toEqual([])
})

const formOf = (verb: keyof typeof operatorVerbs, field: string) => {
  const shape: Record<string, z.ZodType> = operatorVerbs[verb].input.shape
  return fieldForm(shape[field]!)
}

test.each([
  ['list-chats', 'limit', { kind: 'number', isRequired: false, fallback: 100, value: 'count' }],
  ['list-callbacks', 'from', { kind: 'time', isRequired: false, value: 'time' }],
  ['list-callbacks', 'state', { kind: 'text', choices: ['due', 'delivered', 'parked', 'quarantined'] }],
  ['replay-callbacks', 'state', { kind: 'text', choices: ['parked'] }],
  ['replay-callbacks', 'ids', { kind: 'number', isList: true, fallback: [], value: 'id' }],
  ['show-callback', 'id', { kind: 'name', isRequired: true }],
  ['set-workspace', 'roomLeft', { kind: 'switch', choices: ['on', 'off'] }],
  ['set-bot', 'tls', { kind: 'flag', fallback: undefined, isRequired: false }],
  ['add-bot', 'tls', { kind: 'flag', fallback: false }],
  ['add-bot', 'endpoint', { kind: 'text', value: 'host:port' }],
  ['set-bot', 'token', { kind: 'text', isSecret: true, isRequired: false }],
  ['set-callback-url', 'url', { isSecret: true, isRequired: true }],
  ['set-callback-header', 'value', { isSecret: true }],
  ['set-callback-header', 'header', { isSecret: false }],
  ['assign-tag', 'chats', { kind: 'text', isList: true, isRequired: true }],
  ['import-contacts', 'lines', { kind: 'record', isList: true }],
] as const)('OP-47 how a field is filled in follows from its schema: %s %s', (verb, field, form) => {
  expect(formOf(verb, field)).toMatchObject(form)
})

test('OP-47 every command has words of its own, and arguments that are fields', () => {
  const commands = Object.entries<OperatorVerb>(operatorVerbs).map(([name, { command, input }]) => {
    const [noun, word, ...places] = command.split(' ')
    expect(Object.keys(commandGroups), name).toContain(noun)
    const fields = places.map(place => /^[<[]([A-Za-z]+)(?:\.\.\.)?[>\]]$/.exec(place)![1]!)
    // The file of an import is read by the command itself.
    if (name !== 'import-contacts')
      expect(Object.keys(input.shape), name).toEqual(expect.arrayContaining(fields))
    return `${noun} ${word}`
  })
  expect(new Set(commands).size).toBe(commands.length)
})
