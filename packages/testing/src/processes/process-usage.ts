import { readFile } from 'node:fs/promises'

/** A jiffy, as Linux counts CPU for its programs whatever its own clock does. */
const JIFFY_MS = 10

/** What a process of this machine has spent and holds, as Linux tells it. */
export interface ProcessUsage {
  readonly cpuMs: number
  readonly rssMib: number
}

export async function usageOf(pid: number): Promise<ProcessUsage> {
  const [stat, status] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readFile(`/proc/${pid}/status`, 'utf8'),
  ])
  // The name of a program may hold spaces; user and system time are the 12th and 13th after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const rssKib = /^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0
  return { cpuMs: (Number(fields[11]) + Number(fields[12])) * JIFFY_MS, rssMib: Number(rssKib) / 1024 }
}
