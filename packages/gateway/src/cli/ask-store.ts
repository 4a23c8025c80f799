import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import type { OperatorReply, VerbName } from '@qunhub/wire'
import { createExaminer } from '../callback/examine-receiver.ts'
import { openTestSender } from '../callback/send-test.ts'
import { oweForLeave } from '../chatroom/owe.ts'
import type { Config } from '../config/config.ts'
import { DATABASE_FILE, readMasterKey } from '../master-key.ts'
import { createAddressGuard } from '../model/address-guard.ts'
import type { Keyring } from '../model/keyring.ts'
import { resolveName } from '../model/resolve-name.ts'
import { MACHINE } from '../operator/audit.ts'
import { runVerb, tellTyped } from '../operator/run-verb.ts'
import { createNameVetting } from '../operator/vet-name.ts'
import { createPuppetTrier } from '../puppet/try-puppet.ts'
import { openStore, type Store } from '../store/database/open-store.ts'
import { StoreTooOld } from '../store/database/store-error.ts'
import type { LeftChat } from '../store/rooms/rooms.ts'
import { requireSameKey } from '../store/workspaces/installation.ts'
import { systemClock } from '../system/clock.ts'
import { type Log, silentLog } from '../system/log.ts'
import { systemRandom } from '../system/random.ts'
import { requireDataDir } from './data-dir.ts'
import { leaveHolderNote, removeHolderNote } from './holder-note.ts'
import { nameOfDatabase } from './naming-store.ts'
import { unmakingKey } from './unmake-key.ts'

/** There is no store in the data directory, and what was asked would not make one. */
export class StoreAbsent extends Error {
  override name = 'StoreAbsent'
}

/**
 * Opens the store for one verb: the embedded one under the same lock that a gateway takes, or PostgreSQL beside whoever
 * works there. Only a first workspace makes a new store: a mistyped address should not look like an empty store. An older
 * store is not migrated on the way.
 * Throws {@link StoreAbsent} and what readMasterKey and openStore throw; StoreLocked when another process is at work.
 */
export async function askStore(config: Config, name: VerbName, input: unknown): Promise<OperatorReply> {
  return config.databaseUrl
    ? unmakingKey(config, () => askShared(config, name, input))
    : askEmbedded(config, name, input)
}

async function askEmbedded(config: Config, name: VerbName, input: unknown): Promise<OperatorReply> {
  const { dataDir } = config
  const isNew = !(await hasStore(dataDir))
  if (isNew && name !== 'add-workspace') {
    throw new StoreAbsent(
      `${dataDir} 中没有数据, 请检查 --data-dir, 或先运行 qunhub serve 或 qunhub workspace add <名称> / ` +
        `there is no store in ${dataDir}: check --data-dir, or first run qunhub serve or qunhub workspace add <name>`,
    )
  }
  await requireDataDir(dataDir, 'work')
  const keyring = await readMasterKey(config)
  const store = await openStore({ ...config, migrate: isNew })
  try {
    await leaveHolderNote(dataDir, { pid: process.pid, command: name })
    return await run(config, store, keyring, name, input)
  } finally {
    await removeHolderNote(dataDir)
    await store.close()
  }
}

async function askShared(config: Config, name: VerbName, input: unknown): Promise<OperatorReply> {
  await requireDataDir(config.dataDir, 'work')
  const store = await openShared(config, name)
  try {
    // Only now, so that a mistyped address leaves no master key behind.
    return await run(config, store, await readMasterKey(config), name, input)
  } finally {
    await store.close()
  }
}

async function openShared(config: Config, name: VerbName): Promise<Store> {
  try {
    return await openStore({ ...config, connectionsMax: config.databasePool, migrate: false })
  } catch (failure) {
    if (!(failure instanceof StoreTooOld) || failure.found > 0) throw failure
    if (name === 'add-workspace') return openStore({ ...config, connectionsMax: config.databasePool })
    const database = nameOfDatabase(config.databaseUrl!)
    throw new StoreAbsent(
      `数据库 ${database} 中没有数据, 请检查 DATABASE_URL, 或先运行 qunhub serve 或 qunhub workspace add <名称> / ` +
        `there is no store in ${database}: check DATABASE_URL, or first run qunhub serve or qunhub workspace add <name>`,
      { cause: failure },
    )
  }
}

async function run(
  config: Config,
  { db }: Store,
  keyring: Keyring,
  name: VerbName,
  input: unknown,
): Promise<OperatorReply> {
  await requireSameKey(db, keyring)
  const guard = createAddressGuard(config.callbackAllowCidrs, resolveName)
  const tests = openTestSender({
    ...{ clock: systemClock, random: systemRandom, guard, ca: config.callbackCa },
  })
  const deps = {
    db,
    keyring,
    clock: systemClock,
    random: systemRandom,
    log: onStderr,
    vetName: createNameVetting(guard, systemClock),
    sendTest: tests.send,
    examineReceiver: createExaminer({
      ...{ clock: systemClock, random: systemRandom, guard, ca: config.callbackCa },
    }),
    tryPuppet: createPuppetTrier({
      ...{
        clock: systemClock,
        resolve: resolveName,
        deadlineMs: config.puppetDeadlineMs,
        ca: config.puppetCa,
      },
    }),
    oweForLeave: (left: LeftChat) => oweForLeave(left, left.storedAt),
    live: null,
    askedBy: MACHINE,
  }
  return runVerb(name, input, deps, tellTyped).finally(() => tests.close())
}

/** What went wrong beside what was asked; no gateway is there to log it. */
const onStderr: Log = {
  ...silentLog,
  error: (facts, sentence) => void process.stderr.write(`${sentence} ${inspect(facts)}\n`),
}

export const hasStore = (dataDir: string): Promise<boolean> =>
  access(join(dataDir, DATABASE_FILE)).then(
    () => true,
    () => false,
  )
