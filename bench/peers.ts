import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A package of others that benchmarks compare with, installed outside of this repository. */
export interface PeerPackage {
  /** Where it is installed. */
  readonly peers: string
  readonly version: string
}

/** Null when QUNHUB_BENCH_PEERS names no folder in which it is installed. */
export function findPeer(name: string): PeerPackage | null {
  const peers = process.env['QUNHUB_BENCH_PEERS']
  const path = join(peers ?? '', 'node_modules', name, 'package.json')
  if (peers === undefined || !existsSync(path)) return null
  return { peers, version: (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version }
}

export const LEFT_OUT = 'left out: not in QUNHUB_BENCH_PEERS'
