import { lookup } from 'node:dns/promises'
import type { ResolveName } from './address-guard.ts'

/** Asks as every other program on this machine does, hosts file included. */
export const resolveName: ResolveName = name => lookup(name, { all: true })
