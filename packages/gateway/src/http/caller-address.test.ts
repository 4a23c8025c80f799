import { expect, test } from 'vitest'
import { callerAddress } from './caller-address.ts'

const counted = (ip: string, peer = '192.0.2.1') =>
  callerAddress({ ip, socket: { remoteAddress: peer } } as Parameters<typeof callerAddress>[0])

test.each([
  ['203.0.113.9', '203.0.113.9'],
  ['::ffff:203.0.113.9', '203.0.113.9'],
  ['::FFFF:CB00:7109', '203.0.113.9'],
  ['203.0.113.9:4711', '203.0.113.9'],
  [' 203.0.113.9', '203.0.113.9'],
  ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
  ['[2001:db8:1:2::1]:4711', '2001:db8:1:2::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
])('G-12 %s is counted as %s', (ip, key) => {
  expect(counted(ip)).toBe(key)
})

test.each(['', 'unknown', '_hidden', '999.1.1.1', '1.2.3', '01.2.3.4', '::gg', 'x'.repeat(300)])(
  'G-12 what is forwarded and is no address, %j, is counted as the peer',
  forwarded => {
    expect(counted(forwarded, '::ffff:192.0.2.1')).toBe('192.0.2.1')
  },
)
