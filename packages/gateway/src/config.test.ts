import { expect, test } from 'vitest'
import { ConfigError, readConfig } from './config.ts'

test.each([
  '10.0.0.0',
  '10.0.0.0/33',
  '10/8',
  'crm.example.com',
  '10.0.0.0/8;fd00::/8',
  '::ffff:10.0.0.0/104',
])('CB-11 QUNHUB_CALLBACK_ALLOW_CIDRS=%s does not start a gateway that would allow something else', text => {
  const read = () => readConfig({ QUNHUB_CALLBACK_ALLOW_CIDRS: text })
  expect(read).toThrow(ConfigError)
  expect(read).toThrow('QUNHUB_CALLBACK_ALLOW_CIDRS: expected address ranges such as 10.0.0.0/8,fd00::/8')
})

test('CB-11 QUNHUB_CALLBACK_ALLOW_CIDRS allows nothing by default, and takes several ranges', () => {
  expect(readConfig({}).callbackAllowCidrs).toEqual([])
  const given = readConfig({ QUNHUB_CALLBACK_ALLOW_CIDRS: '10.0.0.0/8, fd00::/8,' })
  expect(given.callbackAllowCidrs).toEqual(['10.0.0.0/8', 'fd00::/8'])
})

test.each(['DELIVERED', 'PARKED'])(
  'CB-8 QUNHUB_CALLBACK_KEEP_%s_DAYS is a whole number of days from 1 to ten years',
  what => {
    const name = `QUNHUB_CALLBACK_KEEP_${what}_DAYS`
    for (const text of ['0', '3651', '-1', '1.5', '3d', '1e3', ' 3'])
      expect(() => readConfig({ [name]: text })).toThrow(`${name}: expected a whole number from 1 to 3650`)
    for (const days of [1, 3650])
      expect(Object.values(readConfig({ [name]: String(days) }).callbackKeep)).toContain(days)
  },
)

test('CB-8 callbacks that were delivered are kept for 3 days by default, parked ones for 30, and each setting is of its own', () => {
  expect(readConfig({}).callbackKeep).toEqual({ deliveredDays: 3, parkedDays: 30 })
  expect(readConfig({ QUNHUB_CALLBACK_KEEP_DELIVERED_DAYS: '7' }).callbackKeep).toEqual({
    deliveredDays: 7,
    parkedDays: 30,
  })
  expect(readConfig({ QUNHUB_CALLBACK_KEEP_PARKED_DAYS: '7' }).callbackKeep).toEqual({
    deliveredDays: 3,
    parkedDays: 7,
  })
})
