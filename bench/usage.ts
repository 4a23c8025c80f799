import { readdirSync } from 'node:fs'

export interface Usage {
  readonly cpuUs: number
  readonly rssBytes: number
  /** Open files and sockets, on Linux. */
  readonly descriptors: number
}

/** What this process has spent and holds. */
export function usage(): Usage {
  const { user, system } = process.cpuUsage()
  return {
    cpuUs: user + system,
    rssBytes: process.memoryUsage.rss(),
    descriptors: readdirSync('/proc/self/fd').length,
  }
}
