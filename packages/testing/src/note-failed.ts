import { writeFileSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'

/** Where CI wants to read which files had tests that failed (decision 0085). */
export const FAILED_FILES = 'QUNHUB_TEST_FAILED'

export interface FailedFile {
  readonly project: string
  readonly file: string
  /** What failed, a test or a hook around some, each with the beginning of its first error. */
  readonly failures: readonly string[]
}

/** Notes them, unless something failed outside of all files. */
export default class NoteFailed implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], strays: readonly unknown[]): void {
    if (strays.length > 0) return
    const failed = modules
      .filter(module => module.state() === 'failed')
      .map((module): FailedFile => {
        const tests = [...module.children.allTests('failed')]
        const around = [module, ...module.children.allSuites()]
        return {
          project: module.project.name,
          file: module.relativeModuleId,
          failures: [
            ...tests.map(each => `${each.fullName}\n    ${beginningOf(each.result().errors?.[0])}`),
            ...around.flatMap(each => each.errors().map(beginningOf)),
          ],
        }
      })
    if (failed.length > 0) writeFileSync(process.env[FAILED_FILES]!, JSON.stringify(failed))
  }
}

const beginningOf = (error: { readonly stack?: string; readonly message?: string } | undefined): string =>
  (error?.stack ?? error?.message ?? 'no error was kept').split('\n').slice(0, 6).join('\n    ')
