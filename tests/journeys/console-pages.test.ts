import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'

const PAGE = `<meta name="csp-nonce" content="__CSP_NONCE__"><script type="module" src="./assets/main-a1.js"></script>`
const SCRIPT = 'console.log("群枢")'
const SECRET = 'nobody reads this'

let house: House
let clock: ManualClock
let home: string
let folder: string

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'qunhub-pages-'))
  folder = join(home, 'dist')
  await writeFile(join(home, 'secret.js'), SECRET)
  clock = new ManualClock()
  house = await openHouse({ clock, consoleFolder: folder })
})
afterAll(async () => {
  await house.close()
  await rm(home, { recursive: true })
})

async function build(script: string): Promise<void> {
  const draft = join(home, 'draft')
  await mkdir(join(draft, 'assets'), { recursive: true })
  await writeFile(join(draft, 'assets', script), SCRIPT)
  await writeFile(join(draft, 'assets', `${script}.br`), brotliCompressSync(SCRIPT))
  await writeFile(join(draft, 'assets', `${script}.gz`), gzipSync(SCRIPT))
  await writeFile(join(draft, 'icon.svg'), '<svg/>')
  await writeFile(join(draft, 'built-from.txt'), SECRET)
  await writeFile(join(draft, 'index.html'), PAGE.replace('main-a1.js', script))
  await rm(folder, { recursive: true, force: true })
  await rename(draft, folder)
  clock.advance(1000)
}

/** As it is written, where `fetch` would tidy the path up. */
function ask(path: string, headers: Record<string, string> = {}, method = 'GET') {
  const { hostname, port } = new URL(house.baseUrl)
  return new Promise<{ status: number; headers: Record<string, unknown>; bytes: Buffer; text: string }>(
    (resolve, reject) => {
      const asked = request({ hostname, port, path, method, headers }, async answer => {
        const bytes = await buffer(answer)
        resolve({ status: answer.statusCode!, headers: answer.headers, bytes, text: bytes.toString() })
      })
      asked.once('error', reject)
      asked.end()
    },
  )
}

test('CON-14 until it is built the console says how, and looks again by itself', async () => {
  const answer = await ask('/console/')
  expect(answer).toMatchObject({ status: 503, headers: { refresh: '2', 'cache-control': 'no-store' } })
  expect(answer.text).toMatch(/npm run build -w @qunhub\/console.*npm run build/s)
  await build('main-a1.js')
  expect(await ask('/console/')).toMatchObject({ status: 200 })
})

test('CON-14 each path below it answers the page, under a policy with a nonce of its own that stands in the page', async () => {
  const nonces = new Set<string>()
  for (const path of [
    '/console/',
    '/console/w/5dbe/callbacks?state=parked',
    '/console/index.html',
    '/console/%E7%BE%A4',
  ]) {
    const { status, headers, text } = await ask(path)
    expect({ status, type: headers['content-type'], cache: headers['cache-control'] }).toEqual({
      ...{ status: 200, type: 'text/html; charset=utf-8', cache: 'no-store' },
    })
    const nonce = /content="([\w+/=]{24})"/.exec(text)![1]!
    nonces.add(nonce)
    expect(headers['content-security-policy']).toBe(
      `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data:; connect-src 'self'; font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'`,
    )
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' })
  }
  expect(nonces.size).toBe(4)
})

test('CON-14 the page finds its files from wherever it answers', async () => {
  for (const path of ['/console/', '/console/w', '/console/w/5dbe/callbacks', '/console/w/5dbe/?a=/b/c']) {
    const src = /src="([^"]+)"/.exec((await ask(path)).text)![1]!
    expect(new URL(src, house.baseUrl + path).pathname, path).toBe('/console/assets/main-a1.js')
  }
  expect(await ask('/console')).toMatchObject({ status: 308, headers: { location: 'console/' } })
})

test('CON-15 a file goes out as it was compressed at the build, as the browser wants it, and is kept for ever by its name', async () => {
  const file = '/console/assets/main-a1.js'
  const [br, gzip, plain, no] = await Promise.all([
    ask(file, { 'accept-encoding': 'gzip, deflate, br' }),
    ask(file, { 'accept-encoding': 'gzip' }),
    ask(file),
    ask(file, { 'accept-encoding': 'br;q=0, gzip;q=0.0, identity' }),
  ])
  expect(brotliDecompressSync(br.bytes).toString()).toBe(SCRIPT)
  expect(gunzipSync(gzip.bytes).toString()).toBe(SCRIPT)
  expect([plain.text, no.text]).toEqual([SCRIPT, SCRIPT])
  expect([br, gzip, plain, no].map(({ headers }) => headers['content-encoding'])).toEqual([
    ...['br', 'gzip', undefined, undefined],
  ])
  for (const { headers } of [br, gzip, plain, no])
    expect(headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'accept-encoding',
      'x-content-type-options': 'nosniff',
    })
  expect((await ask('/console/icon.svg')).headers['cache-control']).toBe('public, max-age=3600')
  // In the package that is shipped nothing lies compressed.
  const icon = await ask('/console/icon.svg', { 'accept-encoding': 'gzip, br' })
  expect(icon.headers['content-encoding']).toBe('gzip')
  expect(gunzipSync(icon.bytes).toString()).toBe('<svg/>')
  expect(await ask(file, {}, 'HEAD')).toMatchObject({ status: 200, text: '' })
})

test('CON-15 no path leads out of the folder, nor to what no browser asks for', async () => {
  const climbs = [
    '../',
    '..%2f',
    '%2e%2e/',
    '%2e%2e%2f',
    '..\\',
    '..%5c',
    './../',
    'assets/../../',
    '/',
    '%00/',
  ]
  for (const climb of climbs)
    for (const path of [`/console/${climb}secret.js`, `/console/assets/${climb}${climb}secret.js`]) {
      const { status, text } = await ask(path)
      expect([200, 400, 404], path).toContain(status)
      expect(text, path).not.toContain(SECRET)
    }
  for (const name of ['built-from.txt', 'assets/main-a1.js.br', 'assets', '__proto__', 'constructor'])
    expect((await ask(`/console/${name}`)).text).not.toContain(SECRET)
  expect((await ask('/console/assets/main-a1.js.br')).status).toBe(404)
})

test('CON-15 a build that is put in place while we run is served from then on, and a file of before is not there', async () => {
  await build('main-b2.js')
  expect((await ask('/console/')).text).toContain('./assets/main-b2.js')
  expect(await ask('/console/assets/main-b2.js')).toMatchObject({ status: 200 })
  expect(await ask('/console/assets/main-a1.js')).toMatchObject({ status: 404 })
  await rm(folder, { recursive: true })
  clock.advance(1000)
  expect(await ask('/console/w')).toMatchObject({ status: 200 })
})

test('CON-12 what lies below the API of the console is never the page', async () => {
  for (const path of ['/console/api', '/console/api/', '/console/api/nonsense'])
    expect(JSON.parse((await ask(path)).text)).toMatchObject({ ok: false, refused: 'verb-unknown' })
  const wrong = await ask('/console/api/verbs/list-bots')
  expect(wrong).toMatchObject({ status: 405, headers: { allow: 'POST' } })
})
