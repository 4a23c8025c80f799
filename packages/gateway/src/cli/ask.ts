/**
 * Exactly one process works in a data directory. So a command first asks the gateway that runs there, through its door; if
 * none runs, it opens the store itself and works in the directory for as long as the verb takes. PostgreSQL is nobody's own:
 * there any command may work beside the gateways.
 */
import type { OperatorReply, VerbName } from '@qunhub/wire'
import type { Config } from '../config/config.ts'
import { StoreLocked } from '../store/database/store-error.ts'
import { askGateway } from './ask-gateway.ts'
import { askStore } from './ask-store.ts'
import { requireDataDir } from './data-dir.ts'
import { findHolder } from './holder-note.ts'
import { namingStore } from './naming-store.ts'
import { plainText } from './show/column-width.ts'

/** Another process works in the data directory, and it is no gateway that could be asked. */
export class DataDirInUse extends Error {
  override name = 'DataDirInUse'
}

/**
 * Carries a verb out, wherever it has to be. A gateway that does not answer is waited for as long as a sync may take, or `waitMaxMs`. Throws what {@link askGateway} and {@link askStore} throw, DataDirUnusable,
 * and {@link DataDirInUse}.
 */
export async function ask(
  config: Config,
  name: VerbName,
  input: unknown,
  waitMaxMs?: number,
): Promise<OperatorReply> {
  return harmless(await askWherever(config, name, input, waitMaxMs))
}

/** A refusal may repeat what was typed, and somebody else may have named what is typed. */
const harmless = (reply: OperatorReply): OperatorReply =>
  reply.ok ? reply : { ...reply, message: plainText(reply.message) }

async function askWherever(
  config: Config,
  name: VerbName,
  input: unknown,
  waitMaxMs?: number,
): Promise<OperatorReply> {
  await requireDataDir(config.dataDir, 'look')
  const answered = await askGateway(config.dataDir, name, input, waitMaxMs)
  if (answered) return answered
  try {
    return await askStore(config, name, input)
  } catch (failure) {
    if (!(failure instanceof StoreLocked)) throw namingStore(config, failure)
    // A gateway that was just starting may have opened its door in the meantime.
    return (await askGateway(config.dataDir, name, input)) ?? (await inUse(config.dataDir, failure))
  }
}

/** Says who it is that works in the data directory, where that is known. */
export async function inUse(dataDir: string, cause: StoreLocked): Promise<never> {
  const holder = await findHolder(dataDir)
  if (!holder) throw cause
  const who = `${holder.pid} (qunhub ${holder.command})`
  throw new DataDirInUse(
    `数据目录 ${dataDir} 正被进程 ${who} 使用, 请等它结束或先停止它, 或换一个 --data-dir / ` +
      `the data directory ${dataDir} is in use by process ${who}: wait until it ends or stop it, or choose another --data-dir`,
    { cause },
  )
}
