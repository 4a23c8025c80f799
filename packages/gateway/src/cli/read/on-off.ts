import { InvalidArgumentError } from 'commander'

/** Reads a switch from the command line. */
export function onOrOff(given: string): boolean {
  if (given === 'on') return true
  if (given === 'off') return false
  throw new InvalidArgumentError('应为 on 或 off / on or off')
}

export const showOnOff = (on: boolean): string => (on ? 'on' : 'off')
