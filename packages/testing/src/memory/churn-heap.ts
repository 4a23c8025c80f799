/**
 * Run as a process: keeps some megabytes alive, makes much garbage that survives its youth, as a first sync does, and prints the
 * largest heap that it ever had, in multiples of what is alive. With the argument `lean` it holds little memory.
 */
import { holdLittleMemory } from '../../../gateway/src/cli/lean-memory.ts'

const ALIVE = 500_000
const GARBAGE_ROUNDS = 25
const GARBAGE_A_ROUND = 150_000

if (process.argv[2] === 'lean') holdLittleMemory()
const alive = Array.from({ length: ALIVE }, (_, n) => ({ n, text: `alive ${n}` }))
const aliveBytes = process.memoryUsage().heapUsed
let heapMax = 0
for (let round = 0; round < GARBAGE_ROUNDS; round++) {
  const garbage = Array.from({ length: GARBAGE_A_ROUND }, (_, n) => ({ n, text: `garbage ${round} ${n}` }))
  heapMax = Math.max(heapMax, process.memoryUsage().heapTotal)
  // Collections finish between two ticks.
  await new Promise(resolve => setImmediate(resolve))
  if (garbage.length + alive.length < 0) throw new Error('neither is collected before this line')
}
process.stdout.write(String(heapMax / aliveBytes))
