import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where programs of others are installed that benchmarks compare with, outside of this repository; undefined: nowhere. */
export const peersFolder = (): string | undefined => process.env['QUNHUB_BENCH_PEERS']

export function versionOfPeer(name: string): string {
  const path = join(peersFolder()!, 'node_modules', name, 'package.json')
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version
}
