import { firstTables } from './0001-first-tables.ts'
import { listBlocks } from './0002-list-blocks.ts'
import { manyNodes } from './0003-many-nodes.ts'
import { wholeOutbox } from './0004-whole-outbox.ts'
import { tokenRealms } from './0005-token-realms.ts'
import { botMoves } from './0006-bot-moves.ts'
import { verifiedAdditions } from './0007-verified-additions.ts'
import { discovery } from './0008-discovery.ts'
import { outboxIndexes } from './0009-outbox-indexes.ts'
import { noLastSeq } from './0010-no-last-seq.ts'
import { whatIsKnownOfBots } from './0011-what-is-known-of-bots.ts'
import { receivers } from './0012-receivers.ts'
import type { Migration } from './migration.ts'

/** Every step, oldest first. */
export const migrations: readonly Migration[] = [
  firstTables,
  listBlocks,
  manyNodes,
  wholeOutbox,
  tokenRealms,
  botMoves,
  verifiedAdditions,
  discovery,
  outboxIndexes,
  noLastSeq,
  whatIsKnownOfBots,
  receivers,
]
