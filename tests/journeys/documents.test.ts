import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { callbacks, endpoints, generalAnswers } from '@qunhub/wire'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let house: House

beforeAll(async () => {
  house = await openHouse()
})
afterAll(() => house.close())

const PAGES = [...['/', '/docs', '/docs/en', '/docs/moving', '/docs/moving/en', '/docs/errors/addMember/-8']]
const linksOf = (page: string): string[] =>
  [...page.matchAll(/(?:href|src)="([^"#]*)(?:#[^"]*)?"/g)].map(([, link]) => link!).filter(Boolean)

describe('documents', () => {
  test.each([
    '/docs/errors/addMember/-99',
    '/docs/errors/addMember/0',
    '/docs/errors/quit/-1',
    '/docs/errors/addMember/%3Cscript%3E',
  ])('OA-4 %s is not there: 404, as any other path', async path => {
    const { status, text } = await house.send(path)
    expect(status).toBe(404)
    expect(text).not.toContain('<script')
  })

  test.each(PAGES)(
    'OA-4 %s is a page without a script, and every link of it leads to what is there',
    async path => {
      const answer = await fetch(house.baseUrl + path)
      const page = await answer.text()
      expect(answer.status).toBe(200)
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
      expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'; style-src 'self'")
      expect(page).not.toMatch(/<script|javascript:| style=| on[a-z]+=/)
      const all = linksOf(page).map(link => new URL(link, answer.url))
      // The console says 503 until it is built (CON-14).
      const links = all.filter(({ pathname }) => pathname !== '/console/')
      expect(links.length < all.length).toBe(path === '/')
      expect(links.every(({ origin }) => origin === new URL(house.baseUrl).origin)).toBe(true)
      const statuses = await Promise.all(
        [...new Set(links.map(String))].map(async link => (await fetch(link)).status),
      )
      expect(new Set(statuses)).toEqual(new Set([200]))
    },
  )

  test.each(['/docs', '/docs/en'])(
    'OA-4 %s has every endpoint, every field and code of it, and every callback',
    async path => {
      const { text } = await house.send(path)
      for (const { name, path: url, request, refusals } of endpoints) {
        expect(text).toContain(`id="${name}"`)
        for (const language of ['curl', 'Node.js', 'Python', 'Java', 'PHP', 'Go'])
          expect(text).toContain(language)
        expect(text).toContain(url)
        for (const field of Object.keys(request.shape)) expect(text).toContain(`<code>${field}</code>`)
        for (const { code } of [...Object.values(refusals), ...generalAnswers])
          expect(text).toContain(`docs/errors/${name}/${code}"`)
      }
      for (const { kind } of callbacks) expect(text).toContain(`id="${kind}"`)
    },
  )

  test.each(['/docs', '/docs/en'])(
    'OA-4 %s has the headers of requests and answers, and every field of an answer, however deep it is',
    async path => {
      const { text } = await house.send(path)
      // A page is no message to read in a terminal.
      for (const name of [
        ...['Idempotency-Key:', 'Prefer:', 'Preference-Applied:'],
        ...['data[].members[].roomAlias', 'data[].labels[].id', 'data[].botInfo.weixin', 'page.total'],
        ...['data[].externalUserId', 'data[].wecomUserId', 'data[].roomCount', 'data.roomWxid', 'errmsg'],
        ...['members[].nickName', 'joinedMembers[].isSelf'],
      ])
        expect(text.includes(`<code>${name}</code>`), name).toBe(true)
    },
  )

  test('OA-4 an English page has no field that is told in Chinese alone', async () => {
    const { text } = await house.send('/docs/en')
    const meanings = [...text.matchAll(/data-head="meaning">([^<]*)</g)].map(([, words]) => words!)
    expect(meanings.length).toBeGreaterThan(100)
    expect(meanings.filter(words => /\p{Script=Han}/u.test(words))).toEqual([])
  })

  test.each(['/docs/', '/docs/en/', '/docs/moving/', '/docs/try/en/'])(
    'OA-4 %s leads to the page without the slash at its end',
    async path => {
      const answer = await fetch(house.baseUrl + path, { redirect: 'manual' })
      expect(answer.status).toBe(308)
      const { status } = await fetch(new URL(answer.headers.get('location')!, answer.url))
      expect(status).toBe(200)
    },
  )

  test('OA-4 every code of every endpoint has a page that says what it means, how to check it and what next', async () => {
    for (const { name, refusals } of endpoints) {
      const general = generalAnswers.map(
        each => [each.word, { ...each, message: each.message.english }] as const,
      )
      for (const [word, { code, message }] of [...Object.entries(refusals), ...general]) {
        const { status, text } = await house.send(`/docs/errors/${name}/${code}`)
        expect(status).toBe(200)
        for (const words of [word, message, '含义', 'What next']) expect(text).toContain(words)
        expect(text).not.toMatch(/<dd>([^<]*)<br><span lang="en">\1</)
      }
    }
  })
})
