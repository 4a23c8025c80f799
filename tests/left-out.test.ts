import { expect, test } from 'vitest'
import { leftOut } from '../packages/gateway/pack/left-out.ts'

test('PKG-6 a part that is left out of the package may be held, and any use of it says that it is not there', () => {
  const module = { exports: null as never }
  new Function('module', leftOut('semver'))(module)
  const part = module.exports as { satisfies: unknown } & (() => void) & (new () => object)
  const uses = [
    () => part.satisfies,
    () => part(),
    () => new part(),
    () => ({ ...part }),
    () => 'gte' in part,
  ]
  for (const use of uses) expect(use).toThrow('semver is left out of the package: see pack/bundle.mjs')
})
