/**
 * Which bots this node runs. In each round of its membership it first compares what the store says it runs with what it
 * does run: a bot whose claim was committed although the answer was lost is hosted, one that is another's by now is left.
 * Then it claims what nobody runs, up to its fair share, and gives back what it has beyond: so bots spread over the nodes
 * when one comes, and go on elsewhere when one goes.
 *
 * A bot is given back in this order: what customers asked of it is finished, or has had its time; it leaves the puppet, so
 * that the next node finds its event stream free; then its row says that nobody runs it. Bots leave beside one another, and
 * no round waits for them. Whoever loses a bot (its fence is another by now, or the node was reaped) leaves the puppet only.
 */
import type { ClaimedBot, Tenure } from '../model/bot.ts'
import type { Keyring } from '../model/keyring.ts'
import type { HostedBot, Roster } from '../puppet/roster.ts'
import { claimBots, claimedFences, countBots, readClaimed, releaseBot } from '../store/bots/claim-bots.ts'
import type { Database } from '../store/database/database.ts'
import type { Log } from '../system/log.ts'
import type { Membership } from './membership.ts'
import { takeShare } from './take-share.ts'

export interface BotRunner {
  /** Claims and gives back, as it is fair. Calls that overlap wait for one another. */
  round(): Promise<void>
  /** Somebody else has the bot by now. */
  lose(bot: HostedBot): Promise<void>
  /** Somebody else has all of them by now. */
  loseAll(): Promise<void>
  /** Leaves the puppets, for somebody else may be about to take over; the next round comes back, if nobody did. */
  standAside(): Promise<void>
  /** Detaches every bot and gives it back, within 5 s, or `withinMs`. */
  stop(withinMs?: number): Promise<void>
}

export interface RunBotsDeps {
  readonly db: Database
  readonly keyring: Keyring
  readonly log: Log
  readonly roster: Roster
  readonly membership: Pick<Membership, 'id' | 'isIn' | 'nodes'>
  /** Hears of every bot that comes and goes. */
  readonly onHandOver?: { claimed(starting: boolean): void; gaveBack(): void }
}

/** On its way back to the others. Until its row says that nobody runs it, it counts as ours in the store. */
interface Leaving {
  readonly tenure: Tenure
  hasLeft: boolean
  isUnderWay: boolean
}

export function runBots({ db, keyring, log, roster, membership, onHandOver }: RunBotsDeps): BotRunner {
  let last: Promise<void> = Promise.resolve()
  let stopping = false
  const leaving = new Map<string, Leaving>()
  const standingAside = new Map<string, ClaimedBot>()
  const underWay = new Set<Promise<void>>()

  async function goRound(): Promise<void> {
    if (stopping || !membership.isIn) return
    const nodeId = membership.id
    const comeBack = [...standingAside.values()]
    standingAside.clear()
    await host(comeBack, nodeId)
    for (const one of leaving.values()) giveBack(one)
    await compareWithStore(nodeId)
    await takeShare(
      { id: nodeId, nodes: membership.nodes },
      {
        count: node => countBots(db, node),
        leaving: () => leaving.size,
        claim: claimSome,
        giveBack: giveBackSome,
      },
    )
  }

  async function compareWithStore(nodeId: string): Promise<void> {
    const ours = new Map((await claimedFences(db, nodeId)).map(row => [keyOf(row), row]))
    if (stopping || membership.id !== nodeId) return
    await Promise.all(
      roster.all().map(async bot => {
        if (!ours.has(keyOf(bot.tenure))) await lose(bot)
      }),
    )
    // Somebody else has it already: it need not say goodbye.
    for (const [key, { tenure }] of leaving)
      if (ours.get(key)?.fence !== tenure.fence) await roster.remove(tenure.workspaceId, tenure.botId)
    const unhosted = [...ours.values()].filter(row => {
      const key = keyOf(row)
      return (
        roster.byId(row.workspaceId, row.botId)?.tenure.fence !== row.fence &&
        leaving.get(key)?.tenure.fence !== row.fence &&
        standingAside.get(key)?.fence !== row.fence
      )
    })
    if (unhosted.length === 0) return
    const found = await readClaimed(db, keyring, nodeId, unhosted)
    log.warn({ bots: found.length }, 'the store says that this node runs bots that it did not know of')
    await host(found, nodeId)
  }

  async function claimSome(nodeId: string, limit: number): Promise<void> {
    const claimed = await claimBots(db, keyring, nodeId, limit)
    await host(claimed, nodeId)
    for (const { bot, fence, starting } of claimed) {
      onHandOver?.claimed(starting)
      log.info({ bot: bot.id, workspace: bot.workspaceId, fence, starting }, 'this node runs a bot')
    }
  }

  /** What the store said of the node `nodeId` a moment ago; the node may be another one by now, or stand aside. */
  async function host(bots: readonly ClaimedBot[], nodeId: string): Promise<void> {
    // A node that stops gives everything back at once; what was claimed for one that was reaped is the others'.
    if (stopping || membership.id !== nodeId) return
    const older = bots.flatMap(({ bot, fence }) => {
      const hosted = roster.byId(bot.workspaceId, bot.id)
      return hosted && hosted.tenure.fence < fence ? [lose(hosted)] : []
    })
    await Promise.all(older)
    if (stopping || membership.id !== nodeId) return
    if (membership.isIn) roster.start(bots)
    else putAside(bots)
  }

  function putAside(bots: readonly ClaimedBot[]): void {
    for (const claimed of bots) {
      const key = keyOf({ workspaceId: claimed.bot.workspaceId, botId: claimed.bot.id })
      const known = standingAside.get(key)
      if (!known || known.fence < claimed.fence) standingAside.set(key, claimed)
    }
  }

  function giveBackSome(count: number): void {
    // The youngest first: those that were here longest have the warmest caches.
    for (const { tenure } of roster.all().slice(-count)) {
      // Known before it leaves: whatever happens meanwhile, its row is given back.
      const one = { tenure, hasLeft: false, isUnderWay: false }
      leaving.set(keyOf(tenure), one)
      giveBack(one)
    }
  }

  function giveBack(one: Leaving): void {
    if (one.isUnderWay) return
    one.isUnderWay = true
    const work = leaveAndRelease(one)
      .catch(failure =>
        log.warn({ bot: one.tenure.botId, err: failure }, 'a bot could not be given back yet'),
      )
      .finally(() => {
        one.isUnderWay = false
        underWay.delete(work)
      })
    underWay.add(work)
  }

  async function leaveAndRelease(one: Leaving): Promise<void> {
    const { tenure } = one
    const key = keyOf(tenure)
    if (!one.hasLeft) await roster.retire(tenure.workspaceId, tenure.botId)
    one.hasLeft = true
    // A node that stops leaves with all its bots in one write.
    if (stopping || leaving.get(key) !== one) return
    await releaseBot(db, tenure)
    if (leaving.get(key) !== one) return
    leaving.delete(key)
    onHandOver?.gaveBack()
    log.info({ bot: tenure.botId, fence: tenure.fence }, 'this node gave a bot to the others')
  }

  async function lose({ tenure: { workspaceId, botId, fence } }: HostedBot): Promise<void> {
    if (roster.byId(workspaceId, botId)?.tenure.fence !== fence) return
    log.warn({ bot: botId, fence }, 'another node runs this bot by now')
    await roster.remove(workspaceId, botId)
  }

  const removeAll = (): Promise<unknown> =>
    Promise.all(
      [...roster.all(), ...leaving.values()].map(({ tenure }) =>
        roster.remove(tenure.workspaceId, tenure.botId),
      ),
    )

  return {
    round() {
      last = last.then(goRound, goRound)
      return last
    },
    lose,
    async loseAll() {
      standingAside.clear()
      const left = removeAll()
      leaving.clear()
      await left
    },
    async standAside() {
      putAside(roster.claims())
      await removeAll()
    },
    async stop(withinMs) {
      stopping = true
      await Promise.all([roster.stop(withinMs), last.catch(() => {})])
      await Promise.all(underWay)
    },
  }
}

const keyOf = ({ workspaceId, botId }: Pick<Tenure, 'workspaceId' | 'botId'>): string =>
  `${workspaceId}/${botId}`
