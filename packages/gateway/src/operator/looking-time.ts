import { type Clock, timeIsOver } from '../system/clock.ts'

/** A page of the console wants each of its answers within 50 ms: what is under way when this is over is still read to its end. */
const LOOK_MS_MAX = 30

/** Whether what is looked through has taken its time by now: then the answer says how far it came. */
export const lookingTime = (clock: Pick<Clock, 'now'>): (() => boolean) => timeIsOver(clock, LOOK_MS_MAX)
