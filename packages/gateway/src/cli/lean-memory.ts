import { setFlagsFromString } from 'node:v8'

/** By how much of what is alive the heap may grow before it is collected whole. V8 would let it grow to four times. */
const HEAP_GROWTH_PERCENT = 50
/** What small buffers are cut from. Node 26 takes 64 KiB, up to 25 it was this. */
const BUFFER_SLAB_BYTES = 8 * 1024

/**
 * For a process that hosts many bots for weeks: see docs/decisions/0052. It concerns the whole process, so only whoever owns the
 * process calls it, before anything is opened.
 *
 * A gRPC stream keeps its request, a few bytes, for as long as it is open, and with it the slab that they were cut from. Of a
 * thousand bots that started one after another, each among its own calls, nearly every one held a slab of its own.
 */
export function holdLittleMemory(): void {
  Buffer.poolSize = BUFFER_SLAB_BYTES
  // Node warns of flags that come late because many are read once. V8 reads this one at the end of each collection.
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH_PERCENT}`)
}
