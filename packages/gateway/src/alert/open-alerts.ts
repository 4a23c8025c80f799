import type { buildConnector } from 'undici'
import type { RobotAnswer } from '../model/robot-answer.ts'
import type { HostedBot } from '../puppet/roster.ts'
import type { Clock } from '../system/clock.ts'
import type { Log } from '../system/log.ts'
import type { AlertMeter } from './alert-meter.ts'
import { TEST_TEXT } from './alert-text.ts'
import { Messenger } from './messenger.ts'
import type { Robot } from './robot.ts'
import { RobotClient } from './robot-client.ts'
import { type BotWatch, watchBots } from './watch-bots.ts'

export interface Alerts extends Pick<BotWatch, 'onSession' | 'onHearing' | 'onVerification'> {
  /** Tells the robot something that is no trouble, once and at once. Null: there is no alert address. */
  readonly test: (() => Promise<TestedRobot>) | null
  stop(): Promise<void>
}

export type TestedRobot = RobotAnswer & { readonly kind: Robot['kind'] }

export interface AlertsDeps {
  readonly clock: Clock
  readonly log: Log
  readonly meter: AlertMeter
  /** Undefined: alerts are lines in the log and counts only. */
  readonly robot: Robot | undefined
  readonly offlineAfterMs: number
  readonly timeZone: string
  readonly connect: buildConnector.connector
  readonly isHosted: (bot: HostedBot) => boolean
}

/** Watches the bots of this node, and tells the operator's robot where there is one. */
export function openAlerts({ robot, connect, ...deps }: AlertsDeps): Alerts {
  const client = robot && new RobotClient({ robot, clock: deps.clock, connect })
  const messenger = client && new Messenger({ ...deps, client })
  const watch = watchBots({ ...deps, tell: alert => messenger?.tell(alert) })
  return {
    onSession: watch.onSession,
    onHearing: watch.onHearing,
    onVerification: watch.onVerification,
    test: client ? () => tellTest(client, deps.log) : null,
    async stop() {
      watch.stop()
      await messenger?.stop()
    },
  }
}

async function tellTest(client: RobotClient, log: Log): Promise<TestedRobot> {
  const answered = await client.post({ text: TEST_TEXT, alerts: [] })
  const reason = 'reason' in answered ? { reason: answered.reason } : {}
  log.info({ robot: client.kind, outcome: answered.outcome, ...reason }, 'a test alert was sent')
  return { ...answered, kind: client.kind }
}
