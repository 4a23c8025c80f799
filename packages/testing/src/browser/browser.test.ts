import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { describeInBrowser } from './describe-in-browser.ts'
import { fillFolderOnce } from './fill-folder-once.ts'
import { findChromium, whyNoChromium } from './find-chromium.ts'
import { openVisit, type VisitOptions } from './open-visit.ts'

const PAGE = `<!doctype html><html lang="zh-CN"><title>群枢</title>
<style>p { display: inline-block; font-size: 40px }</style>
<p id="blocked" style="color: red">群</p><p id="shown">群聊</p><p id="other">枢机</p>
<img src="https://elsewhere.invalid/pixel.png">
<script>setTimeout(() => { throw new Error('thrown by the page') })</script>`

let server: Server
let origin: string

beforeAll(async () => {
  server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.setHeader('content-security-policy', "style-src-attr 'none'; img-src 'self'")
    response.end(PAGE)
  })
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

async function visit(options?: VisitOptions) {
  const visit = await openVisit(origin, options)
  onTestFinished(() => visit.close())
  await visit.page.goto(origin)
  return visit
}

test('BW-1 CHROMIUM_PATH names a browser in place of npm’s; a machine for which npm brings none says so', async () => {
  expect(await findChromium({ CHROMIUM_PATH: '/opt/chrome' })).toMatchObject({ program: '/opt/chrome' })
  expect(whyNoChromium({ CHROMIUM_PATH: '/opt/chrome' }, 'darwin-arm64')).toBeNull()
  expect(whyNoChromium({}, 'darwin-arm64')).toContain('CHROMIUM_PATH')
  expect(whyNoChromium({}, 'linux-x64')).toBeNull()
})

test('BW-4 a folder that several fill at the same time is one of theirs, whole, and nothing else stays', async () => {
  const cache = await mkdtemp(join(tmpdir(), 'qunhub-browser-'))
  onTestFinished(() => rm(cache, { recursive: true }))
  const home = join(cache, 'chromium')
  const gate = Promise.withResolvers<void>()
  const fillers = ['one', 'another'].map(name =>
    fillFolderOnce(home, async folder => {
      await writeFile(join(folder, 'program'), name)
      await gate.promise
      await writeFile(join(folder, 'library'), name)
    }),
  )
  const broken = fillFolderOnce(home, () => Promise.reject(new Error('no space left')))
  await expect(broken).rejects.toThrow('no space left')
  gate.resolve()
  await Promise.all(fillers)
  expect(await readdir(cache)).toEqual(['chromium'])
  expect(await readFile(join(home, 'program'))).toEqual(await readFile(join(home, 'library')))
})

describeInBrowser('the browser of the tests', () => {
  test('BW-2 a visit tells what a policy forbade, what was asked for elsewhere, and what the page threw', async () => {
    const { cspReports, foreignRequests, errors } = await visit()
    await expect.poll(() => cspReports.length).toBe(2)
    expect(cspReports.join('\n')).toMatch(/style-src-attr inline/)
    expect(foreignRequests).toEqual(['https://elsewhere.invalid/pixel.png'])
    await expect.poll(() => errors.join('\n')).toContain('thrown by the page')
  })

  test('BW-3 Chinese text is drawn, each character as itself; width, colours and language are the visit’s', async () => {
    const { page } = await visit({ width: 390, colorScheme: 'dark', locale: 'en-US' })
    // Characters that a font lacks all look the same.
    const [shown, other] = await Promise.all(['#shown', '#other'].map(id => page.locator(id).screenshot()))
    expect(shown!.equals(other!)).toBe(false)
    const facts = 'matchMedia("(prefers-color-scheme: dark)").matches && [innerWidth, navigator.language]'
    expect(await page.evaluate(facts)).toEqual([390, 'en-US'])
  })
})
