import type { buildConnector } from 'undici'
import type { HostedBot } from '../bot/roster.ts'
import type { Clock } from '../model/clock.ts'
import type { Log } from '../model/log.ts'
import type { AlertMeter } from './alert-meter.ts'
import { Messenger } from './messenger.ts'
import type { Robot } from './robot.ts'
import { type BotWatch, watchBots } from './watch-bots.ts'

export interface Alerts extends Pick<BotWatch, 'onSession' | 'onHearing'> {
  stop(): Promise<void>
}

export interface AlertsDeps {
  readonly clock: Clock
  readonly log: Log
  readonly meter: AlertMeter
  /** Undefined: alerts are lines in the log and counts only. */
  readonly robot: Robot | undefined
  readonly offlineAfterMs: number
  readonly connect: buildConnector.connector
  readonly isHosted: (bot: HostedBot) => boolean
}

/** Watches the bots of this node, and tells the operator's robot where there is one. */
export function openAlerts({ robot, connect, ...deps }: AlertsDeps): Alerts {
  const messenger = robot && new Messenger({ ...deps, robot, connect })
  const watch = watchBots({ ...deps, tell: alert => messenger?.tell(alert) })
  return {
    onSession: watch.onSession,
    onHearing: watch.onHearing,
    async stop() {
      watch.stop()
      await messenger?.stop()
    },
  }
}
