import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { ConfigError, readConfig } from '../packages/gateway/src/config/config.ts'
import { settings } from '../packages/gateway/src/config/settings.ts'
import { VERSION } from '../packages/gateway/src/version.ts'

// Docker and Helm are not everywhere where the tests run, so this is what can be held without them.

const root = resolve(import.meta.dirname, '..')
const read = (file: string): string => readFileSync(resolve(root, file), 'utf8')
const found = (pattern: string): string[] => globSync(pattern, { cwd: root }).sort()

const templates = found('deploy/helm/qunhub/templates/*')
const deployed = [
  'deploy/Dockerfile',
  'deploy/README.md',
  'deploy/compose.yaml',
  ...found('deploy/proxy/*'),
  ...found('deploy/systemd/*'),
  ...found('deploy/helm/qunhub/*.yaml'),
  ...templates,
]

/** A setting, or `…_FILE` of a secret one: only those are opened when the configuration is read. */
function isSetting(name: string): boolean {
  if (name in settings.shape) return true
  if (!name.endsWith('_FILE')) return false
  try {
    readConfig({ [name]: join(root, 'no such file') })
    return false
  } catch (failure) {
    return failure instanceof ConfigError
  }
}

test.each(deployed)('DEP-1 every setting that %s names exists', file => {
  const named = new Set(read(file).match(/(?<![A-Z_])(?:QUNHUB_[A-Z_]+|DATABASE_URL[A-Z_]*)/g))
  expect([...named].filter(name => !isSetting(name))).toEqual([])
})

describe('image', () => {
  const dockerfile = read('deploy/Dockerfile').replaceAll('\\\n', ' ')
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, names]) =>
    names!.split(' '),
  )

  test('DEP-2 all that the Dockerfile copies is the package as it was installed, and its entry point is what that package runs', () => {
    expect(copied).toEqual(['packed/image/'])
    expect(read('deploy/pack.mjs')).toContain("'image')")
    const command = /bin: \{ qunhub: '\.\/(.+)' \}/.exec(read('packages/gateway/pack.mjs'))?.[1]
    expect(dockerfile).toContain(`\nENTRYPOINT ["node", "/app/node_modules/qunhub/${command}"]\n`)
    expect(dockerfile).toContain(`ln -s /app/node_modules/qunhub/${command} /usr/local/bin/qunhub`)
    expect(existsSync(resolve(root, 'packages/gateway/pack', command!))).toBe(true)
  })

  test('CB-10 the image looks as many names up at once as the launcher', () => {
    const [threads] = /(?<=^const THREADS = )\d+/m.exec(read('run-on-node-26.mjs')) ?? []
    expect(dockerfile).toMatch(new RegExp(`^ENV .*UV_THREADPOOL_SIZE=${threads} `, 'm'))
  })

  test('DEP-3 nothing that is bundled imports what is no dependency', () => {
    const missing = found('packages/{wire,simulator,gateway}/src/**/*.ts')
      .filter(file => !/\.(test|contract)\.ts$/.test(file))
      .flatMap(file => {
        const { dependencies = {} } = JSON.parse(read(`packages/${file.split('/')[1]}/package.json`)) as {
          dependencies?: Record<string, string>
        }
        return importsOf(file)
          .filter(name =>
            name.startsWith('.')
              ? /\.(test|contract)\.ts$|\/(test|testing)\//.test(name)
              : !name.startsWith('node:') && !(packageOf(name) in dependencies),
          )
          .map(name => `${file} → ${name}`)
      })
    expect(missing).toEqual([])
  })

  test('DEP-4 the build sees nothing but what it names, and neither tests nor secrets', () => {
    const rules = read('.dockerignore')
      .split('\n')
      .filter(line => line && !line.startsWith('#'))
    expect(rules[0]).toBe('*')
    expect(rules.filter(rule => rule.startsWith('!'))).toEqual(['!packed', '!packed/image'])
    expect(rules).toContain('packed/*')
    expect(read('deploy/.gitignore').split('\n')).toContain('secrets/')
  })

  test('DEP-5 the gateway is PID 1 of the image, hears SIGTERM, and is not root', () => {
    expect(dockerfile).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m)
    expect(dockerfile).toMatch(/^STOPSIGNAL SIGTERM$/m)
    expect(dockerfile).toMatch(/^HEALTHCHECK .* CMD \["node", "-e", .*\/health/m)
    expect(dockerfile).not.toMatch(/^(ENTRYPOINT|CMD) (?!\[)/m)
  })
})

/** What is imported when the program runs; a type is not. */
const importsOf = (file: string): string[] =>
  [...read(file).matchAll(/^(?:import|export)(?! type)[^'`;]*?from '([^']+)'|import\('([^']+)'\)/gm)].map(
    ([, fixed, late]) => (fixed ?? late)!,
  )

const packageOf = (name: string): string => name.split('/', name.startsWith('@') ? 2 : 1).join('/')

interface Service {
  readonly image: string
  readonly user: string
  readonly read_only: boolean
  readonly cap_drop: string[]
  readonly security_opt: string[]
  readonly environment: Record<string, string>
  readonly secrets: string[]
  readonly stop_grace_period: string
  readonly depends_on: Record<string, { condition: string }>
  readonly networks: Record<string, { ipv4_address?: string } | undefined>
  readonly ports?: string[]
}

describe('compose', () => {
  const { services, secrets } = parse(read('deploy/compose.yaml'), { merge: true }) as {
    services: Record<string, Service>
    secrets: Record<string, { file: string }>
  }
  const gateways = Object.entries(services).filter(([name]) => name.startsWith('gateway-'))
  const nginx = read('deploy/proxy/nginx.conf')

  test.each(Object.keys(services))(
    'DEP-6 %s can do little: no root, no capability, no writable root',
    name => {
      const { user, read_only, cap_drop, security_opt } = services[name]!
      expect(user).toMatch(/^[1-9]\d*:[1-9]\d*$/)
      expect({ read_only, cap_drop, security_opt }).toEqual({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      })
    },
  )

  test('DEP-7 there are two nodes of this version, each may take its 10 s to stop, none is published', () => {
    expect(gateways).toHaveLength(2)
    for (const [, gateway] of gateways) {
      expect(gateway.image).toBe(`qunhub:${VERSION}`)
      expect(gateway.stop_grace_period).toBe('15s')
      const { drainMs } = readConfig({ QUNHUB_DRAIN_SECONDS: gateway.environment['QUNHUB_DRAIN_SECONDS'] })
      expect(drainMs).toBeLessThan(5000)
      expect(gateway.depends_on['postgres']?.condition).toBe('service_healthy')
      expect(gateway.ports).toBeUndefined()
    }
  })

  test('DEP-7 each node starts with its environment: one database, one key, an address of its own', () => {
    const folder = mkdtempSync(join(tmpdir(), 'qunhub-secrets-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    writeFileSync(join(folder, 'database_url'), 'postgres://qunhub:secret@postgres:5432/qunhub\n')
    writeFileSync(join(folder, 'secret_key'), `${'ab'.repeat(32)}\n`)
    writeFileSync(join(folder, 'node_secret'), `${'cd'.repeat(32)}\n`)

    const configs = gateways.map(([, { environment, secrets: mounted }]) => {
      const files = Object.values(environment).filter(value => value.startsWith('/run/secrets/'))
      expect(files.map(file => file.slice('/run/secrets/'.length)).sort()).toEqual([...mounted].sort())
      const env = Object.entries(environment).map(([name, value]) => [
        name,
        value.replace('/run/secrets', folder),
      ])
      return readConfig(Object.fromEntries(env) as Record<string, string>)
    })
    expect(configs.map(config => config.node?.host)).toEqual(['node-1', 'node-2'])
    expect(new Set(configs.map(config => config.databaseUrl))).toEqual(
      new Set(['postgres://qunhub:secret@postgres:5432/qunhub']),
    )
  })

  test('DEP-8 the proxy reaches every node, is the one that they trust, and is not on their own network', () => {
    const { networks } = services['proxy']!
    const groups = [...nginx.matchAll(/^ *upstream (\w+) \{(.*?)\}/gms)].map(([, name, orders]) => [
      name,
      [...orders!.matchAll(/server ([\d.]+):3000 /g)].map(([, address]) => address),
    ])
    const [first, second] = gateways.map(([, gateway]) => gateway.networks['edge']?.ipv4_address)
    expect(groups).toEqual([
      ['gateways', [first, second]],
      ['gateway_1', [first]],
      ['gateway_2', [second]],
    ])
    expect(nginx).toMatch(/if \(-f \S+gateway-1\.out\) \{\s+set \$out 1;/)
    expect(nginx).toMatch(/if \(\$out = 1\) \{\s+set \$nodes gateway_2;/)
    expect(nginx).toMatch(/if \(\$out = 2\) \{\s+set \$nodes gateway_1;/)
    for (const [, gateway] of gateways) {
      expect(gateway.environment['QUNHUB_TRUST_PROXY']).toBe(networks['edge']?.ipv4_address)
    }
    expect(Object.keys(networks)).toEqual(['edge'])
  })

  test('DEP-9 the proxy never repeats a POST, passes no metrics on, and says where a request comes from', () => {
    const orders = nginx.replace(/#.*$/gm, '')
    expect(orders).not.toContain('non_idempotent')
    expect(orders).toMatch(/location ~ \/metrics\/\?\$ \{\s*return 404/)
    expect(orders).toContain('proxy_set_header X-Forwarded-For $remote_addr;')
  })

  test('DEP-9 no log of the proxy can hold a query string, for tokens stand there', () => {
    const orders = nginx.replace(/#.*$/gm, '')
    const format = /log_format without_query([^;]+);/.exec(orders)?.[1]
    expect(format).toContain('$uri')
    expect(format).not.toMatch(/\$(request\b|request_uri|args|arg_|query_string|http_referer|is_args)/)
    expect(orders.match(/access_log [^;]+;/g)).toEqual(['access_log /dev/stdout without_query;'])
    expect(orders.match(/error_log [^;]+;/g)).toEqual(['error_log stderr emerg;'])
  })

  test('DEP-9 HAProxy keeps to the same: no POST twice, no metrics, no query in its log, and it says where a request comes from', () => {
    const orders = read('deploy/proxy/haproxy.cfg').replace(/^ *#.*$/gm, '')
    expect(orders).toContain('http-request disable-l7-retry if !{ method GET HEAD }')
    expect(orders).toMatch(/return status 404 .* if \{ path,url_dec -m reg \/metrics\/\?\$ \}/)
    expect(orders).toContain('http-request set-header X-Forwarded-For %[src]')
    const formats = orders.match(/log-format .*/g)
    expect(formats).toHaveLength(1)
    expect(formats![0]).toContain('%HPO')
    expect(formats![0]).not.toMatch(/%(r|HQ|HU|HP|hr|hrl|hs)\b/)
    expect(orders).not.toMatch(/option httplog|capture/)
  })

  test('DEP-10 secrets are files that git ignores, and every one that is used is declared', () => {
    for (const { file } of Object.values(secrets)) expect(file).toMatch(/^\.\/secrets\//)
    const used = new Set(Object.values(services).flatMap(service => service.secrets))
    expect([...used].sort()).toEqual(Object.keys(secrets).sort())
  })
})

describe('chart', () => {
  const values = parse(read('deploy/helm/qunhub/values.yaml')) as object
  const chart = parse(read('deploy/helm/qunhub/Chart.yaml')) as Record<string, unknown>
  const deployment = read('deploy/helm/qunhub/templates/deployment.yaml')

  test('DEP-11 the chart is of the version of the gateway', () => {
    expect(chart).toMatchObject({ apiVersion: 'v2', name: 'qunhub', version: VERSION, appVersion: VERSION })
  })

  test.each(templates)('DEP-11 %s closes what it opens and uses values that exist', file => {
    const text = read(file)
    expect(text.match(/\}\}/g)?.length).toBe(text.match(/\{\{/g)?.length)
    const actions = [...text.matchAll(/\{\{-? *(\w+)/g)].map(([, word]) => word)
    const opened = actions.filter(word => /^(if|with|range|define|block)$/.test(word!)).length
    expect(actions.filter(word => word === 'end')).toHaveLength(opened)

    const used = new Set([...text.matchAll(/\.Values((?:\.\w+)+)/g)].map(([, path]) => path!.slice(1)))
    expect([...used].filter(path => !has(values, path.split('.')))).toEqual([])
  })

  test('DEP-11 every value that values.yaml offers is used', () => {
    const texts = templates.map(read).join('\n')
    const unused = Object.keys(values).filter(name => !new RegExp(`\\.Values\\.${name}\\b`).test(texts))
    expect(unused).toEqual([])
  })

  test('DEP-12 an update brings a new pod up before an old one goes, and lets that one finish', () => {
    expect(deployment).toMatch(/maxUnavailable: 0\n\s+maxSurge: 1\n/)
    const { drainSeconds, terminationGracePeriodSeconds } = values as Record<string, number>
    expect(terminationGracePeriodSeconds).toBeGreaterThan(drainSeconds! + 10)
    expect(deployment).toMatch(
      /name: QUNHUB_DRAIN_SECONDS\n\s+value: \{\{ .Values.drainSeconds \| quote \}\}/,
    )
  })

  test('DEP-12 a pod is no root, has no capability and no writable root file system', () => {
    for (const line of [
      'runAsNonRoot: true',
      'type: RuntimeDefault',
      'allowPrivilegeEscalation: false',
      'readOnlyRootFilesystem: true',
      'drop: [ALL]',
      'automountServiceAccountToken: false',
    ]) {
      expect(deployment).toContain(line)
    }
    expect(deployment).toContain(`runAsUser: ${/^USER (\d+)/m.exec(read('deploy/Dockerfile'))?.[1]}\n`)
  })

  test('DEP-12 a pod lives by /health and serves by /ready', () => {
    const probes = [
      ...deployment.matchAll(/(\w+)Probe:\n\s+httpGet: \{ path: "\{\{ .Values.basePath \}\}(\S+)"/g),
    ]
    expect(probes.map(([, kind, path]) => `${kind} ${path}`)).toEqual([
      'startup /health',
      'liveness /health',
      'readiness /ready',
    ])
  })
})

const has = (value: unknown, [name, ...rest]: string[]): boolean =>
  name === undefined ||
  (typeof value === 'object' && value !== null && name in value && has((value as never)[name], rest))
