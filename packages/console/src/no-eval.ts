/**
 * The contract's schemas, which some pages load, would find out whether this browser makes programs of texts; the policy forbids
 * it, and tells of whoever tries. zod reads this when it is loaded, which is later than this.
 * The policy lets no text be run as a script. zod, which the contract is written in, tries whether it may, and the try alone is a
 * violation that browsers report. So it is told before it loads. Importing this has an effect.
 */
Object.assign(globalThis, { __zod_globalConfig: { jitless: true } })
