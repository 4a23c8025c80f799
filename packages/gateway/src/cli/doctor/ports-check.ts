/** The ports: held by the gateway that runs here, or free for one to start. */
import { once } from 'node:events'
import { request } from 'node:http'
import { createServer } from 'node:net'
import type { Config } from '../../config/config.ts'
import type { DoorNote } from '../../operator/door-note.ts'
import { SECOND_MS } from '../../system/clock.ts'
import type { Shell } from '../shell.ts'
import { type Finding, says } from '../show/report.ts'
import { failureSeen, finding } from './say.ts'

const PROBE_MAX_MS = 3 * SECOND_MS
const ANSWER_BYTES_MAX = 4096

const PORT = says('端口', 'port')
const READY = says('就绪', 'readiness')

export async function lookAtPorts(
  config: Config,
  door: DoorNote | undefined,
  env: Shell['env'],
): Promise<Finding[]> {
  const { host, port, node } = config
  if (door) return lookAtGateway(config)
  return [
    await whetherFree(host, port, env),
    ...(node ? [await whetherFree(node.host.replace(/^\[(.*)\]$/, '$1'), node.port, env)] : []),
  ]
}

/** Somebody listens there for a moment: nothing else shows as surely that a gateway could. */
async function whetherFree(host: string, port: number, env: Shell['env']): Promise<Finding> {
  const where = `${host}:${port}`
  const trying = createServer()
  try {
    await once(trying.listen({ host, port, exclusive: true }), 'listening')
    return finding('port', PORT, 'passed', says(`${where} 空闲`, `${where} is free`))
  } catch (failure) {
    return finding('port', PORT, 'failed', failureSeen(failure, env))
  } finally {
    trying.close()
  }
}

async function lookAtGateway({ host, port, basePath }: Config): Promise<Finding[]> {
  const at = { host: OWN_ADDRESS.get(host) ?? host, port }
  const where = `${host}:${port}`
  const health = await get({ ...at, path: `${basePath}/health` })
  if (health?.status !== 200 || !health.text.includes('"ok"'))
    return [
      finding(
        'port',
        PORT,
        'failed',
        health
          ? says(`${where} 应答的不是群枢`, `what answers at ${where} is no Qunhub`)
          : says(`网关在运行, 但 ${where} 没有应答`, `a gateway runs, and nobody answers at ${where}`),
        says(
          '用网关所用的同一组设置运行 doctor (PORT, QUNHUB_HOST, QUNHUB_BASE_PATH)',
          'run doctor with the settings of the gateway (PORT, QUNHUB_HOST, QUNHUB_BASE_PATH)',
        ),
      ),
    ]
  const held = finding('port', PORT, 'passed', says(`${where} 由网关使用`, `${where} is held by the gateway`))
  return [held, readiness(await get({ ...at, path: `${basePath}/ready` }))]
}

/** What listens everywhere is asked here. */
const OWN_ADDRESS: ReadonlyMap<string, string> = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
])

const readiness = (ready: Answer | null): Finding =>
  ready?.status === 200
    ? finding('ready', READY, 'passed', says('可以服务', 'it can serve'))
    : finding(
        'ready',
        READY,
        'failed',
        says(`/ready: ${ready?.text ?? '没有应答'}`, `/ready: ${ready?.text ?? 'no answer'}`),
        says(
          'store: 数据库不应答; membership: 与其他节点失去联系; stopping: 正在停止。看网关的日志',
          'store: the database does not answer; membership: it has lost touch with the other nodes; stopping: it stops. Look into its log',
        ),
      )

interface Answer {
  readonly status: number
  readonly text: string
}

/** Null where there was none in time. */
const get = (at: { host: string; port: number; path: string }): Promise<Answer | null> =>
  new Promise(resolve => {
    const asked = request(
      { ...at, agent: false, signal: AbortSignal.timeout(PROBE_MAX_MS) },
      async response => {
        let text = ''
        try {
          for await (const chunk of response) {
            text += String(chunk)
            if (text.length > ANSWER_BYTES_MAX) break
          }
          resolve({ status: response.statusCode ?? 0, text })
        } catch {
          // It broke off: as good as none.
          resolve(null)
        }
      },
    )
    asked.once('error', () => resolve(null))
    asked.end()
  })
