/** Whoever wants the server away for longer kills it and starts it again. */
export const RESTART_DOWN_MS_MAX = 60_000
