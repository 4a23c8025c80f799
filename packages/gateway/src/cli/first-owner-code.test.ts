import { openOffice } from '@qunhub/testing/grounds/open-office.ts'
import { expect, test } from 'vitest'
import type { Log } from '../system/log.ts'
import { tellOfConsole } from './first-owner-code.ts'

test('CON-4 a setup code stands in no log but a terminal’s; elsewhere it is said which command tells one', async () => {
  const office = await openOffice()
  try {
    const said: string[] = []
    const hear = (facts: object, sentence: string) => void said.push(JSON.stringify(facts) + sentence)
    const log: Log = { debug: hear, info: hear, warn: hear, error: hear }
    const gateway = { baseUrl: 'http://127.0.0.1:3000', operator: office.deps }

    await tellOfConsole({ publicUrl: undefined }, gateway, { log, isTerminal: false })
    expect(said.join('')).toContain('qunhub console code')
    expect(said.join('')).not.toMatch(/code=|setupCode|[0-9A-Z]{4}-[0-9A-Z]{4}/)

    await tellOfConsole({ publicUrl: undefined }, gateway, { log, isTerminal: true })
    expect(said.at(-1)).toMatch(/console\/#code=[0-9A-Z]{4}-/)
  } finally {
    await office.close()
  }
})
