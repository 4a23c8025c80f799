import { type Clock, timeIsOver } from '../system/clock.ts'

/** Somebody waits for what is looked for, and a page of the console asks for several such things at once. */
const LOOK_MS_MAX = 40

/** Whether what is looked through has taken its time by now: then the answer says how far it came. */
export const lookingTime = (clock: Pick<Clock, 'now'>): (() => boolean) => timeIsOver(clock, LOOK_MS_MAX)
