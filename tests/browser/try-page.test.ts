import { describeInBrowser } from '@qunhub/testing/browser/describe-in-browser.ts'
import { openVisit } from '@qunhub/testing/browser/open-visit.ts'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'

let house: House

beforeAll(async () => {
  house = await openHouse()
})
afterAll(() => house.close())

test.each(['/docs/try', '/docs/try/en'])(
  'OA-5 %s allows no inline script and nothing from elsewhere',
  async path => {
    const { status, headers, text } = await house.send(path)
    expect(status).toBe(200)
    const policy = headers.get('content-security-policy')
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';.* connect-src 'self'/)
    expect(policy).not.toContain('unsafe')
    const scripts = [...text.matchAll(/<script[^>]*>[^<]*/g)].map(([tag]) => tag)
    expect(scripts.map(tag => /src="\.[^"]*"[^>]*>$/.test(tag))).toEqual([true, true])
  },
)

test('OA-5 what the page needs is packed for whoever takes it so, and asked again only whether it changed', async () => {
  const path = '/docs/try/swagger-ui.css'
  const packed = await house.send(path)
  const plain = await house.send(path, { headers: { 'accept-encoding': 'identity' } })
  expect(packed.headers.get('content-encoding')).toBe('gzip')
  expect(plain.headers.get('content-encoding')).toBeNull()
  expect(plain.text).toBe(packed.text)
  expect(plain.headers.get('cache-control')).toBe('no-cache')
  const etag = plain.headers.get('etag')!
  for (const known of [etag, `"other", W/${etag}`, '*']) {
    const again = await house.send(path, { headers: { 'if-none-match': known } })
    expect([known, again.status]).toEqual([known, 304])
  }
})

test.each(['swagger-ui.css.map', 'package.json', '..%2Ftry-page.ts', 'constructor'])(
  'OA-5 /docs/try/%s is not there',
  async file => {
    expect((await house.send(`/docs/try/${file}`)).status).toBe(404)
  },
)

describeInBrowser('/docs/try in a browser', () => {
  test('OA-5 a token that is pasted once is in every request; the browser has nothing to report', async () => {
    // Whatever name the gateway has for itself, the page asks where it was found.
    const found = house.baseUrl.replace('127.0.0.1', 'localhost')
    const visit = await openVisit(found)
    onTestFinished(() => visit.close())
    const { page } = visit
    await page.goto(`${found}/docs/try`)
    expect(await page.locator('#token').inputValue()).toBe('')
    await page.locator('#token').fill(house.token)
    await page.locator('#token').press('Enter')
    const endpoint = page.locator('.opblock[id$="-listByMHTag"]')
    await endpoint.locator('.opblock-summary-control').click()
    await endpoint.getByRole('button', { name: '执行' }).click()
    const answer = endpoint.locator('.live-responses-table .response .microlight').first()
    expect(JSON.parse(await answer.innerText())).toMatchObject({ code: 0, data: [] })
    const { cspReports, foreignRequests, errors } = visit
    expect({ cspReports, foreignRequests, errors }).toEqual({
      cspReports: [],
      foreignRequests: [],
      errors: [],
    })
  })
})
