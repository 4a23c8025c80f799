import type { Role } from '@qunhub/wire'

const RANKS: readonly Role[] = ['viewer', 'operator', 'owner']

/** Each may do what those before it may. The gateway decides; this only says beforehand which buttons lead nowhere. */
export const isAtLeast = (role: Role, needed: Role): boolean => RANKS.indexOf(role) >= RANKS.indexOf(needed)
