/** How a way to an address was, step by step, in words for whoever tries it before it is saved. */
import type { StepRecord } from '@qunhub/wire'
import { failureWords } from '@qunhub/wire/words'
import { DAY_MS } from '../system/clock.ts'
import type { Way } from '../system/reach.ts'
import { AddressRefused } from './address-guard.ts'
import { tlsReasonOf } from './failure-reason.ts'

/** Then somebody should renew it, if no machine does. */
const EXPIRES_SOON_MS = 14 * DAY_MS

/** What is said of the two steps that differ by who is there, Chinese first. */
export interface WayWords {
  readonly reserved: string
  readonly unreachable: string
}

export const passed = (step: string, ms: number, said: string): StepRecord => ({
  ...{ step, verdict: 'passed', ms, said },
})
export const failed = (step: string, ms: number, said: string): StepRecord => ({
  ...{ step, verdict: 'failed', ms, said },
})
export const isFailed = ({ verdict }: Pick<StepRecord, 'verdict'>): boolean => verdict === 'failed'

/** As far as it went. */
export function wayStepsOf(
  { host, isTls, name, connection, certificate }: Way,
  words: WayWords,
  now: number,
): StepRecord[] {
  if ('failure' in name) {
    const why = name.failure instanceof AddressRefused ? words.reserved : unresolved(name.failure)
    return [failed('name', name.ms, `${host}: ${why}`)]
  }
  const steps = [passed('name', name.ms, name.got.map(({ address }) => address).join(', '))]
  if (!connection) return steps
  if ('failure' in connection)
    return [
      ...steps,
      failed('connection', connection.ms, `${codeOf(connection.failure)}: ${words.unreachable}`),
    ]
  steps.push(passed('connection', connection.ms, connection.got))
  if (!isTls || !certificate) return steps
  const { ms } = certificate
  const refused = 'failure' in certificate ? certificate.failure : certificate.got.refused
  if (refused) return [...steps, failed('certificate', ms, failureWords(tlsReasonOf(refused)))]
  if ('got' in certificate && certificate.got.validTo < now + EXPIRES_SOON_MS)
    return [...steps, { step: 'certificate', verdict: 'warned', ms, said: EXPIRES_SOON }]
  return [...steps, passed('certificate', ms, ('got' in certificate && certificate.got.protocol) || 'TLS')]
}

const EXPIRES_SOON = '证书两周内到期 / the certificate expires within two weeks'

const unresolved = (failure: Error): string =>
  `解析不出来 (${codeOf(failure)}): 核对主机名与网关所在机器的 DNS / it does not resolve: check how it is spelled, and the DNS of the gateway’s machine`

const codeOf = (failure: Error): string =>
  'code' in failure && typeof failure.code === 'string' ? failure.code : failure.name
