import { describeInBrowser } from '@qunhub/testing/browser/describe-in-browser.ts'
import { findFaults } from '@qunhub/testing/browser/find-faults.ts'
import { openVisit } from '@qunhub/testing/browser/open-visit.ts'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'

// Each page is looked at once or twice, so that all of light, dark, wide and narrow are among them: a look is half a second of work.
describeInBrowser('the documents in a browser', () => {
  let house: House
  beforeAll(async () => {
    house = await openHouse()
  })
  afterAll(() => house.close())

  test.each([
    ['/docs', { width: 1280, colorScheme: 'light' }],
    ['/docs/en', { width: 390, colorScheme: 'dark' }],
    ['/docs/moving', { width: 390, colorScheme: 'light' }],
    ['/docs/errors/addMember/-8', { width: 390, colorScheme: 'dark' }],
  ] as const)('OA-6 %s has no fault: %o', async (path, options) => {
    const { page, foreignRequests, cspReports, errors, close } = await openVisit(house.baseUrl, options)
    onTestFinished(close)
    await page.goto(house.baseUrl + path)
    expect(await findFaults(page)).toEqual([])
    // What is folded away has the longest names: the fields of answers.
    const tooWide = await page.evaluate<number>(
      'document.querySelectorAll("details").forEach(part => { part.open = true }); document.documentElement.scrollWidth - innerWidth',
    )
    expect(tooWide).toBeLessThanOrEqual(0)
    expect({ cspReports, foreignRequests, errors }).toEqual({
      cspReports: [],
      foreignRequests: [],
      errors: [],
    })
  })
})
