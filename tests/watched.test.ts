import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { BotState } from '@qunhub/wire'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { MetricSources } from '../packages/gateway/src/metrics/gauges.ts'
import { createMetrics } from '../packages/gateway/src/metrics/metrics.ts'

const root = resolve(import.meta.dirname, '..')
const read = (file: string): string => readFileSync(resolve(root, file), 'utf8')

const alerts = read('deploy/monitoring/prometheus-alerts.yaml')
const dashboard = read('deploy/monitoring/grafana-dashboard.json')

const NOTHING_TO_SEE: MetricSources = {
  sessions: () => [],
  deaf: () => [],
  census: async () => null,
  outbox: async () => null,
  nodes: () => 1,
  isIn: () => true,
  load: () => ({ connections: 0, idle: 0, waiting: 0 }),
}

describe.each([
  ['alerts', alerts],
  ['the dashboard', dashboard],
])('what watches it: %s', (_, text) => {
  test('DEP-15 every measurement that is asked for is one that the gateway shows', async () => {
    const metrics = createMetrics()
    metrics.watch(NOTHING_TO_SEE)
    const { body } = await metrics.text()
    const shown = new Set([...body.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!))
    const asked = new Set(text.match(/qunhub_[a-z_]+[a-z]/g))
    const unknown = [...asked].filter(name => !shown.has(name) && !shown.has(name.replace(/_bucket$/, '')))
    expect(unknown).toEqual([])
    expect(asked.size).toBeGreaterThan(5)
  })

  test('DEP-15 every state of a bot that is asked for exists', () => {
    const states = [...text.matchAll(/qunhub_bots\{[^}]*state=~?\\?"([^"\\]+)/g)].flatMap(([, of]) =>
      of!.split('|'),
    )
    expect(states.length).toBeGreaterThan(0)
    expect(states.filter(state => !(BotState.options as readonly string[]).includes(state))).toEqual([])
  })
})

test('DEP-15 every alert says in Chinese and in English what is wrong, and how bad it is', () => {
  const { groups } = parse(alerts) as {
    groups: { rules: { alert: string; labels: { severity: string }; annotations: { summary: string } }[] }[]
  }
  const rules = groups.flatMap(group => group.rules)
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length)
  for (const { alert, labels, annotations } of rules) {
    expect(annotations.summary, alert).toMatch(/\p{Script=Han}.* \/ .*[a-z]/u)
    expect(['warning', 'critical'], alert).toContain(labels.severity)
  }
})

test('DEP-16 systemd waits for longer than a stop takes, and gives the process nothing but its own folder', () => {
  const unit = read('deploy/systemd/qunhub.service')
  const setting = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1]
  const drain = Number(/QUNHUB_DRAIN_SECONDS=(\d+)/.exec(unit)![1])
  expect(Number(setting('TimeoutStopSec'))).toBeGreaterThan(drain + 10)
  expect(unit).toContain('QUNHUB_DATA_DIR=/var/lib/qunhub')
  expect({
    folder: setting('StateDirectory'),
    system: setting('ProtectSystem'),
    capabilities: setting('CapabilityBoundingSet'),
    privileges: setting('NoNewPrivileges'),
  }).toEqual({ folder: 'qunhub', system: 'strict', capabilities: '', privileges: 'true' })
})
