import { z } from 'zod'

/**
 * What a person may do at the console: `viewer` reads, `operator` acts, `owner` sees to tokens, secrets, settings, and what is
 * taken away for good. Each may do what those before it may.
 */
export const Role = z.enum(['viewer', 'operator', 'owner'])

export type Role = z.infer<typeof Role>
