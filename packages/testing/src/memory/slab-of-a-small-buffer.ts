/** Run as a process that holds little memory: prints how many bytes a small buffer keeps, once Node's first slab is used up. */
import { holdLittleMemory } from '../../../gateway/src/cli/lean-memory.ts'

const SMALL_BYTES = 20

holdLittleMemory()
const first = Buffer.allocUnsafe(SMALL_BYTES).buffer
let small = Buffer.allocUnsafe(SMALL_BYTES)
while (small.buffer === first) small = Buffer.allocUnsafe(SMALL_BYTES)
process.stdout.write(String(small.buffer.byteLength))
