/** What verbs stand on is not read before one is asked for (P10). Rejects where it cannot be read; asked again, it is tried again. */
export const loadVerbDoor = (): Promise<typeof import('./verb-door.ts')> => import('./verb-door.ts')
