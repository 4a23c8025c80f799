/** What is set: the environment as the gateway would read it, the Node that runs this, and who is believed about callers. */
import { type Config, ConfigError } from '../../config/config.ts'
import { unknownSettings } from '../../config/environment.ts'
import { warningOfOpenKey } from '../../master-key.ts'
import { readCliConfig } from '../cli-config.ts'
import type { Shell } from '../shell.ts'
import { type Finding, says } from '../show/report.ts'
import { apart, finding } from './say.ts'

/** As run-on-node-26.mjs starts it; older ones are let in where a platform has no other. */
const NODE_MEANT = 26

const SETTINGS = says('设置', 'settings')
const PROXY = says('代理', 'proxies')

/** The configuration, or null where it cannot be read: then nothing else can be looked at. */
export async function lookAtSettings(
  env: Shell['env'],
  dataDir: string | undefined,
): Promise<{ readonly config: Config | null; readonly findings: Finding[] }> {
  const node = lookAtNode(process.version)
  const unknown = unknownSettings(env).map(name =>
    finding(
      'settings',
      SETTINGS,
      'warned',
      says(`没有 ${name} 这个设置`, `there is no setting ${name}`),
      says('是否拼写有误? 见 docs/operate.md', 'is it misspelled? see docs/operate.md'),
    ),
  )
  try {
    const config = readCliConfig(env, dataDir)
    const found = [...unknown, ...(await lookAtKey(config)), ...lookAtProxies(config, env)]
    const well = finding('settings', SETTINGS, 'passed', says('都读得懂', 'all of them can be read'))
    return { config, findings: [node, ...(found.some(isOfSettings) ? [] : [well]), ...found] }
  } catch (failure) {
    if (!(failure instanceof ConfigError)) throw failure
    const problems = failure.problems.map(problem =>
      finding(
        'settings',
        SETTINGS,
        'failed',
        says(problem, problem),
        says('改正后重新启动网关', 'mend it and start the gateway anew'),
      ),
    )
    return { config: null, findings: [node, ...unknown, ...problems] }
  }
}

const isOfSettings = ({ check }: Finding): boolean => check === 'settings'

export function lookAtNode(version: string): Finding {
  const what = says('Node 版本', 'Node version')
  const major = Number(/^v(\d+)/.exec(version)?.[1])
  return major >= NODE_MEANT
    ? finding('node', what, 'passed', says(version, version))
    : finding(
        'node',
        what,
        'warned',
        says(`${version}, 测试用的是 ${NODE_MEANT}`, `${version}; what is tested is ${NODE_MEANT}`),
        says(
          '用 run-on-node-26.mjs 启动, npm ci 时不要加 --omit=optional',
          'start it by run-on-node-26.mjs, and run npm ci without --omit=optional',
        ),
      )
}

async function lookAtKey(config: Config): Promise<Finding[]> {
  const warning = await warningOfOpenKey(config)
  return warning === null
    ? []
    : [finding('master-key', says('主密钥', 'master key'), 'failed', apart(warning))]
}

/** Everybody: whoever calls could say that he is somebody else, and the limits of strangers would be nobody's. */
const EVERYBODY = /^(0\.0\.0\.0|::)\/0$/
const LOOPBACK = /^(127\.|::1$|localhost$)/

function lookAtProxies({ trustProxy, publicUrl, host }: Config, env: Shell['env']): Finding[] {
  const findings: Finding[] = []
  if (trustProxy.some(range => EVERYBODY.test(range)))
    findings.push(
      finding(
        'proxy',
        PROXY,
        'failed',
        says(
          'QUNHUB_TRUST_PROXY 信任任何地址: 谁都能伪造来源',
          'QUNHUB_TRUST_PROXY believes every address: anybody may say that he is somebody else',
        ),
        says('只写前面那台代理的地址', 'name the addresses of the proxy before it alone'),
      ),
    )
  else if (publicUrl !== undefined && trustProxy.length === 0)
    findings.push(
      finding(
        'proxy',
        PROXY,
        'warned',
        says(
          '设有 QUNHUB_PUBLIC_URL 而没有 QUNHUB_TRUST_PROXY: 前面若有代理, 所有来客算作一个地址',
          'QUNHUB_PUBLIC_URL is set and QUNHUB_TRUST_PROXY is not: where a proxy is before it, all callers count as one address',
        ),
        says('把代理的地址写进 QUNHUB_TRUST_PROXY', 'put the addresses of the proxy into QUNHUB_TRUST_PROXY'),
      ),
    )
  else if (publicUrl === undefined && trustProxy.length === 0 && !LOOPBACK.test(host))
    findings.push(
      finding(
        'proxy',
        PROXY,
        'warned',
        says(
          `直接在 ${host} 上监听, 没有 TLS: token 明文传输`,
          `it listens on ${host} itself, without TLS: tokens travel in the open`,
        ),
        says(
          '前面放一个做 TLS 的代理, 见 docs/operate.md',
          'put a proxy before it that does TLS; see docs/operate.md',
        ),
      ),
    )
  else findings.push(finding('proxy', PROXY, 'passed', believed(trustProxy)))

  const outgoing = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY'].filter(
    name => env[name] || env[name.toLowerCase()],
  )
  if (outgoing.length > 0)
    findings.push(
      finding(
        'proxy-outgoing',
        says('出站代理', 'outgoing proxy'),
        'warned',
        says(
          `设有 ${outgoing.join('、')}, 而回调与告警不用代理`,
          `${outgoing.join(', ')} is set, and callbacks and alerts use no proxy`,
        ),
        says('让网关能直接访问接收方', 'let the gateway reach receivers directly'),
      ),
    )
  return findings
}

const believed = (trustProxy: readonly string[]) =>
  trustProxy.length === 0
    ? says('不信任任何代理', 'no proxy is believed')
    : says(`信任 ${trustProxy.join('、')}`, `believed: ${trustProxy.join(', ')}`)
