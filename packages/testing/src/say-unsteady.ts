import type { Reporter, TestModule } from 'vitest/node'

/** How often a test that failed is run again before it counts as failed; 0 where it is not set. CI alone sets it (decision 0085). */
export const TEST_RETRIES = 'QUNHUB_TEST_RETRIES'

/** Says at the end, with its first error, which tests failed and passed when they were run again: each is a race still to be found. */
export default class SayUnsteady implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const unsteady = modules
      .flatMap(module => [...module.children.allTests()])
      .filter(each => each.diagnostic()?.flaky)
    for (const each of unsteady) {
      const [first] = each.result().errors ?? []
      const why = (first?.stack ?? first?.message ?? 'no error was kept')
        .split('\n')
        .slice(0, 6)
        .join('\n    ')
      console.log(`UNSTEADY: ${each.module.relativeModuleId} > ${each.fullName}\n    ${why}`)
    }
    console.log(`unsteady tests: ${unsteady.length}\n`)
  }
}
