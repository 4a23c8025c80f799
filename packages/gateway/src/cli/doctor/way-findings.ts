/** How a way to an address was, in words. */

import { failureWords } from '@qunhub/wire/words'
import { AddressRefused } from '../../model/address-guard.ts'
import { tlsReasonOf } from '../../model/failure-reason.ts'
import { DAY_MS } from '../../system/clock.ts'
import type { Certificate, Step, Way } from '../../system/reach.ts'
import { type Finding, says } from '../show/report.ts'
import { showTime } from '../show/show-time.ts'
import { apart, finding } from './say.ts'

/** Then somebody should renew it, if no machine does. */
const EXPIRES_SOON_MS = 14 * DAY_MS

export interface Told {
  /** Whose address it is. */
  readonly of: string
  /** What to do about a certificate, where it is not a receiver's. */
  readonly renew?: Finding['what']
}

/** What is to be said of a way. */
export function wayFindings(way: Way, { of, renew = RENEW }: Told, now: number): Finding[] {
  const { host, isTls, name, connection, certificate } = way
  const named = (chinese: string, english: string) => says(`${chinese} (${of})`, `${english} (${of})`)
  const DNS = named('域名', 'name')
  if ('failure' in name) return [dnsFailure(DNS, host, name.failure)]
  const addresses = name.got.map(({ address }) => address).join(', ')
  const found = finding(
    'dns',
    DNS,
    'passed',
    says(`${host} → ${addresses}, ${name.ms} ms`, `${host} → ${addresses}, ${name.ms} ms`),
  )
  if (!connection) return [found]
  const CONNECT = named('连接', 'connection')
  if ('failure' in connection) return [found, connectFailure(CONNECT, connection.failure, connection.ms)]
  const at = connection.got
  const connected = finding(
    'connect',
    CONNECT,
    'passed',
    says(`${at}, ${connection.ms} ms`, `${at}, ${connection.ms} ms`),
  )
  if (!isTls) return [found, connected, plain(named('TLS', 'TLS'))]
  return certificate
    ? [found, connected, certificateFinding(named('证书', 'certificate'), certificate, renew, now)]
    : [found, connected]
}

const dnsFailure = (what: Finding['what'], host: string, failure: Error): Finding =>
  failure instanceof AddressRefused
    ? finding(
        'dns',
        what,
        'failed',
        says(
          `${host} 在 ${failure.ip}, 是内网或保留地址, 回调不会访问`,
          `${host} is at ${failure.ip}, a private or reserved address: callbacks do not go there`,
        ),
        says(
          '确有需要时把它的地址段写进 QUNHUB_CALLBACK_ALLOW_CIDRS, 重启网关',
          'where it is meant, put its range into QUNHUB_CALLBACK_ALLOW_CIDRS and restart the gateway',
        ),
      )
    : finding(
        'dns',
        what,
        'failed',
        says(`${host} 解析不出来: ${codeOf(failure)}`, `${host} does not resolve: ${codeOf(failure)}`),
        says('核对主机名与本机的 DNS', 'check how it is spelled, and the DNS of this machine'),
      )

const connectFailure = (what: Finding['what'], failure: Error, ms: number): Finding =>
  finding(
    'connect',
    what,
    'failed',
    says(`连不上: ${codeOf(failure)}, ${ms} ms`, `no connection: ${codeOf(failure)}, ${ms} ms`),
    says('接收方在运行吗? 端口与防火墙放行吗?', 'does the receiver run, and do port and firewall let us in?'),
  )

const plain = (what: Finding['what']): Finding =>
  finding(
    'tls',
    what,
    'warned',
    says('没有 TLS: 群与成员在途中可读', 'no TLS: rooms and members can be read on the way'),
    says('换成 https:// 的地址', 'use an address of https://'),
  )

function certificateFinding(
  what: Finding['what'],
  certificate: Step<Certificate>,
  renew: Finding['what'],
  now: number,
): Finding {
  const asFailure = (failure: Error) =>
    finding('tls', what, 'failed', apart(failureWords(tlsReasonOf(failure))), renew)
  if ('failure' in certificate) return asFailure(certificate.failure)
  const { got, ms } = certificate
  if (got.refused) return asFailure(got.refused)
  const until = showTime(got.validTo)
  return got.validTo < now + EXPIRES_SOON_MS
    ? finding(
        'tls',
        what,
        'warned',
        says(`两周内到期: ${until}`, `it expires within two weeks: ${until}`),
        renew,
      )
    : finding(
        'tls',
        what,
        'passed',
        says(`${got.protocol}, 有效至 ${until}, ${ms} ms`, `${got.protocol}, good until ${until}, ${ms} ms`),
      )
}

const RENEW = says(
  '换上有效期内、域名相符、含完整证书链的证书; 自有 CA 用 QUNHUB_CALLBACK_CA_FILE 指明',
  'install one that is current, of this name, and with its whole chain; an own CA is named by QUNHUB_CALLBACK_CA_FILE',
)

const codeOf = (failure: Error): string =>
  'code' in failure && typeof failure.code === 'string' ? failure.code : failure.name
