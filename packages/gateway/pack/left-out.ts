/** What a part is that is left out of the bundle: it may be held, as a module holds what it is given, and any use of it throws. */
export const leftOut = (name: string): string => `function use() {
    throw new Error('${name} is left out of the package: see pack/bundle.mjs')
  }
  module.exports = new Proxy(use, { get: use, has: use, set: use, construct: use, ownKeys: use })`
