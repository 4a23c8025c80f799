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
