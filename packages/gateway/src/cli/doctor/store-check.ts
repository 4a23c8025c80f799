/**
 * The store: whether it opens, who works in it, whether its schema is this program's, whether the file is sound, and whether its
 * clock and ours agree. With a gateway at work it is asked through its door, and the file is looked into beside it.
 */
import { join } from 'node:path'
import { operatorVerbs, type WorkspaceRecord } from '@qunhub/wire'
import type { Config } from '../../config/config.ts'
import { DATABASE_FILE } from '../../master-key.ts'
import type { DoorNote } from '../../operator/door-note.ts'
import { openStore } from '../../store/database/open-store.ts'
import { storeTime } from '../../store/database/store-time.ts'
import { type FileFacts, lookIntoFile } from '../../store/dialect/sqlite/look-into-file.ts'
import { MINUTE_MS, SECOND_MS, systemClock } from '../../system/clock.ts'
import { ask } from '../ask.ts'
import { hasStore, StoreAbsent } from '../ask-store.ts'
import { nameOfDatabase, namingStore } from '../naming-store.ts'
import type { Shell } from '../shell.ts'
import type { LongWork } from '../show/long-work.ts'
import { type Finding, says } from '../show/report.ts'
import { showTime } from '../show/show-time.ts'
import { runningHere } from './as-running.ts'
import { ANSWER_MAX_MS, failureSeen, finding } from './say.ts'

const STORE = says('数据库', 'store')
const GATEWAY = says('网关', 'gateway')
const SOUND = says('数据库完整性', 'integrity of the store')
const CLOCK = says('时钟', 'clock')

/** Receivers take a signature for good within five minutes; long before that somebody should know. */
const CLOCK_OFF_MAX_MS = 30 * SECOND_MS
/** A moment of the future that was written down; a little may be another node's clock. */
const FUTURE_MAX_MS = 2 * MINUTE_MS

export interface StoreSeen {
  readonly findings: Finding[]
  /** The door of the gateway that runs on this directory; undefined where none does. */
  readonly door: DoorNote | undefined
  /** Null where the store could not be asked. */
  readonly workspaces: readonly WorkspaceRecord[] | null
}

export async function lookAtStore(config: Config, env: Shell['env'], work: LongWork): Promise<StoreSeen> {
  const door = await runningHere(config.dataDir)
  const asked = await askForWorkspaces(config, env)
  const findings = [gatewayFinding(door), asked.finding]
  const { workspaces } = asked
  const isThere = config.databaseUrl ? workspaces !== null : await hasStore(config.dataDir)
  if (!isThere) return { findings, door, workspaces }
  // Of a store that does not open, too: its file may say why.
  work.tell('检查数据库 checking the store')
  findings.push(...(config.databaseUrl ? await besideOthers(config, env) : lookInto(config, env)))
  return { findings, door, workspaces }
}

const gatewayFinding = (door: DoorNote | undefined): Finding =>
  door
    ? finding(
        'gateway',
        GATEWAY,
        'passed',
        says(`在运行, 进程 ${door.pid}`, `one runs here, process ${door.pid}`),
      )
    : finding(
        'gateway',
        GATEWAY,
        'warned',
        says('没有运行', 'none runs on this data directory'),
        says('qunhub serve', 'qunhub serve'),
      )

async function askForWorkspaces(
  config: Config,
  env: Shell['env'],
): Promise<{ finding: Finding; workspaces: readonly WorkspaceRecord[] | null }> {
  const where = config.databaseUrl ? nameOfDatabase(config.databaseUrl) : config.dataDir
  try {
    const reply = await ask(config, 'list-workspaces', {}, ANSWER_MAX_MS)
    if (!reply.ok) return { finding: unopened(says(reply.message, reply.message)), workspaces: null }
    const { workspaces } = operatorVerbs['list-workspaces'].output.parse(reply.value)
    const seen = says(
      `${where}: 打得开, 工作区 ${workspaces.length} 个`,
      `${where}: it opens, workspaces: ${workspaces.length}`,
    )
    return { finding: finding('store', STORE, 'passed', seen), workspaces }
  } catch (failure) {
    const seen = failureSeen(failure, env)
    // A machine on which nothing was set up yet is not ill.
    return failure instanceof StoreAbsent
      ? { finding: finding('store', STORE, 'warned', seen), workspaces: null }
      : { finding: unopened(seen), workspaces: null }
  }
}

const unopened = (seen: Finding['seen']): Finding => finding('store', STORE, 'failed', seen)

function lookInto({ dataDir }: Config, env: Shell['env']): Finding[] {
  try {
    const facts = lookIntoFile(join(dataDir, DATABASE_FILE))
    return [soundness(facts), againstNewest(facts, systemClock.now())]
  } catch (failure) {
    return [finding('integrity', SOUND, 'failed', failureSeen(failure, env))]
  }
}

const soundness = ({ damage, schema }: FileFacts): Finding =>
  damage.length === 0
    ? finding(
        'integrity',
        SOUND,
        'passed',
        says(`quick_check 通过, 数据结构 ${schema}`, `quick_check finds nothing; schema ${schema}`),
      )
    : finding(
        'integrity',
        SOUND,
        'failed',
        says(`quick_check: ${damage.join('; ')}`, `quick_check: ${damage.join('; ')}`),
        says(
          '停止网关, 保留现有文件, 从备份恢复, 见 docs/operate.md',
          'stop the gateway, keep the files as they are, and restore a backup; see docs/operate.md',
        ),
      )

const SET_CLOCK = says(
  '校准时钟 (timedatectl, NTP); 相差超过 5 分钟, 接收方会拒绝签名',
  'set the clock (timedatectl, NTP); where it is off by more than 5 minutes receivers refuse signatures',
)

/** An embedded store has no clock of its own; but what it has written down has been. */
export function againstNewest({ newestAt }: FileFacts, now: number): Finding {
  if (newestAt === null || newestAt <= now + FUTURE_MAX_MS)
    return finding(
      'clock',
      CLOCK,
      'passed',
      says(
        `${showTime(now)}, 数据中没有未来的时间`,
        `${showTime(now)}; nothing in the store is of the future`,
      ),
    )
  return finding(
    'clock',
    CLOCK,
    'failed',
    says(
      `现在是 ${showTime(now)}, 而数据中已有 ${showTime(newestAt)}`,
      `it is ${showTime(now)} here, and the store has something of ${showTime(newestAt)}`,
    ),
    SET_CLOCK,
  )
}

/** PostgreSQL has a clock that all nodes share. Its files are for its own tools. */
async function besideOthers(config: Config, env: Shell['env']): Promise<Finding[]> {
  const checked = finding(
    'integrity',
    SOUND,
    'skipped',
    says('PostgreSQL 用 pg_amcheck 检查', 'PostgreSQL is checked by pg_amcheck'),
  )
  try {
    const store = await openStore({ ...config, connectionsMax: 2, migrate: false })
    try {
      const now = systemClock.now()
      const theirs = await storeTime(store.db)
      return [checked, againstStore((theirs ?? now) - now, systemClock.now() - now)]
    } finally {
      await store.close()
    }
  } catch (failure) {
    return [finding('clock', CLOCK, 'failed', failureSeen(namingStore(config, failure), env))]
  }
}

/** `aheadMs`: by how much the store's clock is ahead; it was heard of within `withinMs`. */
export function againstStore(aheadMs: number, withinMs: number): Finding {
  const off = Math.max(0, Math.abs(aheadMs) - withinMs)
  const seconds = Math.round(aheadMs / SECOND_MS)
  const seen = says(
    `数据库的时钟比本机${seconds < 0 ? '慢' : '快'} ${Math.abs(seconds)} 秒`,
    `the store's clock is ${Math.abs(seconds)} s ${seconds < 0 ? 'behind' : 'ahead of'} this machine's`,
  )
  return off <= CLOCK_OFF_MAX_MS
    ? finding('clock', CLOCK, 'passed', seen)
    : finding('clock', CLOCK, 'failed', seen, SET_CLOCK)
}
