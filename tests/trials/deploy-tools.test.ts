/** What is deployed beside the gateway, as the programs see it that will read it. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describeWith, findProgram } from '@qunhub/testing/debian/describe-with.ts'
import { expect, onTestFinished, test } from 'vitest'

const deploy = resolve(import.meta.dirname, '../../deploy')
const WAIT_MAX_MS = 30_000
const run = (program: string, args: string[]): string =>
  execFileSync(findProgram(program)!, args, { encoding: 'utf8', stdio: 'pipe', timeout: WAIT_MAX_MS })

describeWith({ prometheus: 'promtool' }, 'promtool', () => {
  test('DEP-15 Prometheus takes the rules', () => {
    const said = run('promtool', ['check', 'rules', join(deploy, 'monitoring/prometheus-alerts.yaml')])
    expect(said).toContain('SUCCESS')
  })
})

describeWith({ systemd: 'systemd-analyze' }, 'systemd-analyze', () => {
  test('DEP-16 systemd finds nothing wrong with the unit', () => {
    const folder = mkdtempSync(join(tmpdir(), 'qunhub-unit-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const file = join(folder, 'qunhub.service')
    // It looks whether the program is there; where it lies is the operator's matter.
    const unit = readFileSync(join(deploy, 'systemd/qunhub.service'), 'utf8')
    writeFileSync(file, unit.replace(/^ExecStart=\S+ \S+/m, 'ExecStart=/bin/true'))
    expect(run('systemd-analyze', ['verify', file])).toBe('')
  })
})
