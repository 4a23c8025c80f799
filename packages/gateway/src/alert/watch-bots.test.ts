import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { botRow } from '@qunhub/testing/trials/bot-trial.ts'
import type { Alert, AlertCause } from '@qunhub/wire'
import { ContactWxid, UserId } from '@qunhub/wire'
import { expect, test } from 'vitest'
import type { BotAccount, BotSession, RecoveryStage } from '../model/bot.ts'
import type { VerificationNews } from '../model/verification.ts'
import { AbsentBot } from '../node/absent-bot.ts'
import { MINUTE_MS, SECOND_MS } from '../system/clock.ts'
import { silentLog } from '../system/log.ts'
import { REPEAT_MS, watchBots } from './watch-bots.ts'

const account: BotAccount = {
  wxid: ContactWxid.parse('1688000000000001'),
  userId: UserId.parse('xiaobei'),
  nickName: '小北',
  avatarUrl: '',
  kind: 'wecom',
}
const OFFLINE_AFTER_MS = 5 * MINUTE_MS

function openWatch({ loggedInBefore = true } = {}) {
  const clock = new ManualClock()
  const told: string[] = []
  const counted: AlertCause[] = []
  let isHosted = true
  const watch = watchBots({
    clock,
    log: silentLog,
    meter: { alertRaised: cause => counted.push(cause), alertMessage() {} },
    offlineAfterMs: OFFLINE_AFTER_MS,
    isHosted: () => isHosted,
    tell: ({ kind, cause }: Alert) => told.push(`${kind} ${cause}`),
  })
  const row = botRow('127.0.0.1:9', 'puppet_token')
  const claimed = (fence: number) =>
    new AbsentBot({
      bot: { ...row, account: loggedInBefore ? account : null },
      fence,
      nodeId: null,
      state: 'offline',
      since: 0,
    })
  let bot = claimed(1)
  const become = (session: BotSession) => watch.onSession(bot, session)
  return {
    clock,
    told,
    counted,
    goOnline: () => become({ state: 'online', since: clock.now(), account }),
    lose: () =>
      become({ state: 'reconnecting', since: clock.now(), attempt: 1, reason: '', nextTryAt: clock.now() }),
    logOut: () => become({ state: 'logged-out', since: clock.now(), reason: '' }),
    askForScan: () =>
      become({
        state: 'awaiting-scan',
        since: clock.now(),
        qrcode: 'q',
        givenAt: clock.now(),
        scan: 'waiting',
      }),
    occupy: () => become({ state: 'occupied', since: clock.now(), nextTryAt: clock.now() }),
    hear: (kind: 'deaf' | 'next-stage' | 'hears-again', stage: RecoveryStage) =>
      watch.onHearing(bot, { kind, deaf: { since: clock.now(), stage } }),
    verify: (kind: VerificationNews['kind']) =>
      watch.onVerification(bot, {
        kind,
        verification: {
          ...{ by: 'scan', text: 'q', id: '', message: '', progress: 'waiting' },
          givenAt: clock.now(),
        },
      }),
    handOver() {
      isHosted = false
    },
    /** `claims`: its own one included; one more than that where another node ran the bot in between. */
    comeBack({ claims }: { claims: number }) {
      isHosted = true
      bot = claimed(bot.tenure.fence + claims)
    },
    watch,
  }
}

test('BOT-265 a verification is alerted at once in whatever state, the next one two minutes later again, and only one that was done is told to be over', () => {
  const scene = openWatch()
  scene.goOnline()
  scene.verify('asked')
  scene.verify('asked')
  expect(scene.told).toEqual(['raised verification'])
  scene.verify('done')
  expect(scene.told.splice(0)).toEqual(['raised verification', 'recovered verification'])

  // A fresh one so soon is alerted when it still is wanted two minutes after the first.
  scene.clock.advance(MINUTE_MS)
  scene.verify('asked')
  expect(scene.told).toEqual([])
  scene.clock.advance(MINUTE_MS)
  expect(scene.told.splice(0)).toEqual(['raised verification'])
  scene.verify('over')
  scene.logOut()
  scene.clock.advance(20 * MINUTE_MS)
  scene.verify('asked')
  scene.goOnline()
  expect(scene.told).toEqual([
    'raised logged-out',
    'raised verification',
    'recovered logged-out',
    'recovered verification',
  ])
})

test('BOT-197 what heals by itself alerts nobody: a short loss, a first deafness that a new stream ends, a first scan', () => {
  const scene = openWatch({ loggedInBefore: false })
  scene.askForScan()
  scene.goOnline()
  scene.lose()
  scene.clock.advance(OFFLINE_AFTER_MS - SECOND_MS)
  scene.goOnline()
  scene.hear('deaf', 'new-stream')
  scene.lose()
  scene.hear('hears-again', 'new-stream')
  scene.goOnline()
  scene.clock.advance(2 * OFFLINE_AFTER_MS)
  expect(scene.told).toEqual([])
})

test.each<[AlertCause, (scene: ReturnType<typeof openWatch>) => void]>([
  ['deaf', scene => scene.hear('next-stage', 'start-again')],
  ['deaf', scene => scene.hear('deaf', 'start-again')],
  ['occupied', scene => scene.occupy()],
  ['logged-out', scene => scene.logOut()],
  ['logged-out', scene => scene.askForScan()],
  [
    'offline',
    scene => {
      scene.lose()
      scene.clock.advance(OFFLINE_AFTER_MS)
    },
  ],
])('BOT-197 a bot that is %s is alerted once, and once more when it is over', (cause, happen) => {
  const scene = openWatch()
  scene.goOnline()
  happen(scene)
  happen(scene)
  scene.goOnline()
  scene.goOnline()
  expect(scene.told).toEqual([`raised ${cause}`, `recovered ${cause}`])
  expect(scene.counted).toEqual([cause])
})

test('BOT-198 one cause of one bot is alerted once in half an hour, however often it comes and goes', () => {
  const scene = openWatch()
  // Twice as long as one cause is quiet.
  for (let passed = 0; passed < 2 * REPEAT_MS; passed += MINUTE_MS) {
    scene.goOnline()
    scene.occupy()
    scene.clock.advance(MINUTE_MS / 2)
    scene.goOnline()
    scene.clock.advance(MINUTE_MS / 2)
  }
  expect(scene.told).toEqual([
    'raised occupied',
    'recovered occupied',
    'raised occupied',
    'recovered occupied',
  ])
})

test.each<[AlertCause, (scene: ReturnType<typeof openWatch>) => void]>([
  ['occupied', scene => scene.occupy()],
  ['logged-out', scene => scene.logOut()],
  ['deaf', scene => scene.hear('deaf', 'start-again')],
  [
    'offline',
    scene => {
      scene.lose()
      scene.clock.advance(OFFLINE_AFTER_MS)
    },
  ],
])(
  'BOT-198 a bot that is %s again within that half hour is alerted at its end, if it still is',
  (cause, happen) => {
    const scene = openWatch()
    const beganAt = scene.clock.now()
    const since = () => scene.clock.now() - beganAt
    happen(scene)
    scene.goOnline()
    happen(scene)
    expect(scene.told).toEqual([`raised ${cause}`, `recovered ${cause}`])
    scene.clock.advance(REPEAT_MS - since())
    scene.clock.advance(OFFLINE_AFTER_MS)
    expect(scene.told).toEqual([`raised ${cause}`, `recovered ${cause}`, `raised ${cause}`])
    scene.clock.advance(3 * REPEAT_MS)
    expect(scene.told).toHaveLength(3)
  },
)

test('BOT-198 what is over by the end of that half hour, or is something else by then, is not alerted any more', () => {
  const scene = openWatch()
  for (const end of [scene.goOnline, scene.handOver]) {
    scene.occupy()
    scene.goOnline()
    scene.occupy()
    end()
    const before = scene.told.length
    scene.clock.advance(2 * REPEAT_MS)
    expect(scene.told).toHaveLength(before)
  }
  const other = openWatch()
  other.occupy()
  other.goOnline()
  other.occupy()
  other.logOut()
  other.clock.advance(2 * REPEAT_MS)
  expect(other.told).toEqual(['raised occupied', 'recovered occupied', 'raised logged-out'])
})

test('BOT-198 a bot that is offline again because of what is alerted already is not alerted when its half hour ends', () => {
  const scene = openWatch()
  scene.lose()
  scene.clock.advance(OFFLINE_AFTER_MS)
  scene.goOnline()
  scene.lose()
  scene.clock.advance(OFFLINE_AFTER_MS)
  scene.hear('deaf', 'start-again')
  scene.clock.advance(2 * REPEAT_MS)
  expect(scene.told).toEqual(['raised offline', 'recovered offline', 'raised deaf'])
})

test('BOT-198 a bot that is offline because of what was alerted already is not alerted again, nor one of another node', () => {
  const scene = openWatch()
  scene.hear('next-stage', 'start-again')
  scene.lose()
  scene.clock.advance(OFFLINE_AFTER_MS)
  expect(scene.told).toEqual(['raised deaf'])

  const handedOver = openWatch()
  handedOver.lose()
  handedOver.handOver()
  handedOver.clock.advance(OFFLINE_AFTER_MS)
  expect(handedOver.told).toEqual([])
})

test('BOT-198 a bot that begins anew on its node, with nobody in between, is not alerted again, and its end is told', () => {
  const scene = openWatch()
  scene.occupy()
  scene.handOver()
  scene.comeBack({ claims: 1 })
  scene.clock.advance(2 * REPEAT_MS)
  scene.occupy()
  expect(scene.told).toEqual(['raised occupied'])
  scene.goOnline()
  expect(scene.told).toEqual(['raised occupied', 'recovered occupied'])
})

test('BOT-198 NODE-18 a bot that comes back from another node is watched anew: what was alerted before hides nothing', () => {
  const scene = openWatch()
  scene.occupy()
  scene.handOver()
  scene.clock.advance(2 * REPEAT_MS)
  scene.comeBack({ claims: 2 })
  scene.occupy()
  expect(scene.told).toEqual(['raised occupied', 'raised occupied'])
  scene.goOnline()
  expect(scene.told.slice(2)).toEqual(['recovered occupied'])
})

test('BOT-198 NODE-18 a bot that comes back within the half hour is alerted at its end, and one that was lost before has its minutes anew', () => {
  const scene = openWatch()
  scene.lose()
  scene.occupy()
  scene.handOver()
  scene.comeBack({ claims: 2 })
  scene.occupy()
  expect(scene.told).toEqual(['raised occupied'])
  scene.clock.advance(REPEAT_MS)
  expect(scene.told).toEqual(['raised occupied', 'raised occupied'])

  const lost = openWatch()
  lost.lose()
  lost.clock.advance(OFFLINE_AFTER_MS - SECOND_MS)
  lost.handOver()
  lost.comeBack({ claims: 2 })
  lost.lose()
  lost.clock.advance(OFFLINE_AFTER_MS - SECOND_MS)
  expect(lost.told).toEqual([])
  lost.clock.advance(SECOND_MS)
  expect(lost.told).toEqual(['raised offline'])
})

test('BOT-198 NODE-18 whoever takes over a bot that is alerted alerts it once more if it still is, and tells its end; who gave it away tells nothing', () => {
  const giver = openWatch()
  const taker = openWatch()
  giver.hear('deaf', 'start-again')
  giver.handOver()
  taker.hear('deaf', 'new-stream')
  expect(taker.told).toEqual([])
  taker.hear('next-stage', 'start-again')
  taker.goOnline()
  giver.clock.advance(2 * REPEAT_MS)
  expect(giver.told).toEqual(['raised deaf'])
  expect(taker.told).toEqual(['raised deaf', 'recovered deaf'])

  const healed = openWatch()
  healed.goOnline()
  expect(healed.told).toEqual([])
})

test('BOT-198 once stopped, nobody waits for a bot any more, and nobody is alerted', () => {
  const scene = openWatch()
  scene.lose()
  scene.watch.stop()
  scene.lose()
  scene.occupy()
  expect(scene.clock.nextIn()).toBeUndefined()
  expect(scene.told).toEqual([])
})
