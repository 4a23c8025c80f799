/** A moment as people read it, in the time zone of their terminal; `-` where there is none. */
export const showTime = (ms: number | null): string => (ms === null ? '-' : localTime.format(ms))

// Swedish writes 2026-11-23 08:00:00, which sorts and means the same everywhere.
const localTime = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium' })
