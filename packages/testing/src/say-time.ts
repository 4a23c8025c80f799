import type { Reporter, TestModule } from 'vitest/node'

/** The moment at which `npm test` was called. */
export const TESTS_BEGAN_AT = 'QUNHUB_TESTS_BEGAN_AT'
/** On two cores that do nothing else. It is said, and nothing fails by it: time is no rule of the product. */
const MINUTES_ALLOWED = 5

/** Says at the end how many tests there were and how long `npm test` took. */
export default class SayTime implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.reduce((count, module) => count + [...module.children.allTests()].length, 0)
    const seconds = Math.round((Date.now() - Number(process.env[TESTS_BEGAN_AT])) / 1000)
    const took = `${Math.floor(seconds / 60)} min ${seconds % 60} s`
    console.log(`npm test: ${tests.toLocaleString('en')} tests, ${took} of ${MINUTES_ALLOWED} allowed\n`)
  }
}
