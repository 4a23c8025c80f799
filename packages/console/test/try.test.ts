import { codeSamples, curl, endpoints } from '@qunhub/wire'
import { expect, test } from 'vitest'
import { bodyOf, doesSomething, fieldsOf, soughtIn } from '../src/try/fields.ts'

const endpoint = (name: string) => endpoints.find(each => each.name === name)!
const offered = (name: string) =>
  Object.fromEntries(fieldsOf(endpoint(name)).map(field => [field.name, field.offered]))

test('UI-45 the form has every field of the endpoint but the token, and knows which list its ids are found in', () => {
  for (const { name, request } of endpoints)
    expect(fieldsOf(endpoint(name)).map(field => field.name)).toEqual(
      Object.keys(request.shape).filter(field => field !== 'token'),
    )
  expect(offered('addMember')).toEqual({ botUserId: 'bot', contactWxid: 'contact', roomWxid: 'room' })
  expect(offered('create')).toMatchObject({ userIds: 'coworker', unionIds: 'unionId', wxids: 'contact' })
  expect([offered('contactList')['wxid'], offered('roomList')['wxid']]).toEqual(['contact', 'room'])
})

test('UI-45 what is left empty is not said, and of a list each line is one', () => {
  const fields = fieldsOf(endpoint('create'))
  expect(
    bodyOf(fields, { botUserId: ' xiaobei ', wxids: '7881\n 7882 \n\n', name: '', greeting: 'a, b' }),
  ).toEqual({
    ...{ botUserId: 'xiaobei', wxids: ['7881', '7882'], greeting: 'a, b' },
  })
  expect([soughtIn('7881\n林', true), soughtIn(' R:1 ', false)]).toEqual(['林', 'R:1'])
})

test('UI-45 what does something is told from what only looks', () => {
  expect(endpoints.filter(doesSomething).map(({ name }) => name)).toEqual(['addMember', 'create', 'exit'])
})

test('UI-45 the call is the same request in each language, whatever stands in it', () => {
  const name = `O'Reilly "读书" \\ \`群\` $HOME`
  const call = { ...endpoint('create'), example: { token: 'your-token', name } }
  const samples = Object.fromEntries(
    codeSamples(call, 'https://a.example').map(each => [each.language, each.code]),
  )
  expect(Object.keys(samples)).toEqual(['Node.js', 'Python', 'Java', 'PHP', 'Go'])
  expect(curl(call, 'https://a.example')).toContain(`O'\\''Reilly \\"读书\\" \\\\ \`群\` $HOME`)
  // Java reads escapes within a text block, and Go has no way to say a backtick in a raw string.
  expect(samples['Java']).toContain(`O'Reilly \\\\"读书\\\\" \\\\\\\\ \`群\` $HOME`)
  expect(samples['Go']).toContain('`+"`"+`群`+"`"+`')
  expect(samples['PHP']).toContain(`O\\'Reilly "读书" \\\\ \`群\` $HOME`)
})
