/**
 * The contract's schemas, which some pages load, would find out whether this browser makes programs of texts; the policy forbids
 * it, and tells of whoever tries. zod reads this when it is loaded, which is later than this.
 */
Object.assign(globalThis, { __zod_globalConfig: { jitless: true } })
