/** What customers ask: the memories that the verbs of `/room` share, and the server at whose door they are asked. */
import { join } from 'node:path'
import type { Config } from './config/config.ts'
import { createArrivals } from './http/arrivals.ts'
import type { Peers } from './http/ask-peer.ts'
import { createKnownCallers } from './http/known-callers.ts'
import type { OperatorRouteDeps } from './http/later/operator-routes.ts'
import { createRememberedLists } from './http/lists/remembered-lists.ts'
import { createRateLimit, type RateLimit, tokensHere } from './http/rate-limit.ts'
import type { RequestLog } from './http/request-log.ts'
import { openServer, type Server } from './http/server.ts'
import { createSharedRateLimit } from './http/shared-rate-limit.ts'
import type { Tries } from './http/tries.ts'
import type { Metrics } from './metrics/metrics.ts'
import type { Keyring } from './model/keyring.ts'
import type { PasswordCost } from './model/password.ts'
import type { Membership } from './node/membership.ts'
import type { Places } from './node/places.ts'
import type { VerbDeps } from './operator/verb.ts'
import type { Roster } from './puppet/roster.ts'
import { createAddOnce } from './room/add-once.ts'
import { createAdditionPace } from './room/addition-pace.ts'
import { createAnswerMemory } from './room/answer-memory.ts'
import { createCreationTurns } from './room/creation-turns.ts'
import { createListTurns } from './room/list-turns.ts'
import type { Chatroom, RoomDeps } from './room/room-deps.ts'
import { createRowCache } from './room/row-cache.ts'
import type { RowFile } from './room/row-file.ts'
import type { Database, Queryable } from './store/database/database.ts'
import { storeServes } from './store/database/store-serves.ts'
import { type Clock, systemClock } from './system/clock.ts'
import type { Courtesy } from './system/courtesy.ts'
import type { Log } from './system/log.ts'
import type { Random } from './system/random.ts'
import { CONSOLE } from './system/where-files-lie.ts'
import { VERSION } from './version.ts'

/** For who is coming in: lists that are under way go on meanwhile, but not in each tick. */
const LIST_TURN_WAITS_MS = 10

/** What the verbs of `/room` lean on, whoever carries them out: this node's server, or another one's. */
export const createRoomDeps = (deps: {
  readonly db: Database
  readonly roster: Roster
  readonly clock: Clock
  readonly log: Log
  readonly chatroom: Chatroom
  readonly metrics: Metrics
  readonly sharedTime: (asked: Queryable) => Promise<number>
}): RoomDeps => {
  const { db, roster, clock, log, chatroom, metrics } = deps
  return {
    ...{ db, roster, clock, log, chatroom },
    addOnce: createAddOnce(),
    pace: createAdditionPace({ clock, log, meter: metrics }),
    answers: createAnswerMemory({ db, now: deps.sharedTime }),
    creations: createCreationTurns({ clock }),
  }
}

/** A node gets a new id at each start; the least of them is one that all nodes name, as long as it runs. */
const runOfRows = ({ id, nodes }: Membership): string =>
  `${VERSION} ${nodes.reduce((least, node) => (node.id < least ? node.id : least), id)}`

const CONSOLE_FOLDER = join(CONSOLE, 'dist')

export interface CustomersDeps {
  readonly config: Config
  readonly room: RoomDeps
  readonly keyring: Keyring
  readonly random: Random
  readonly metrics: Metrics
  readonly membership: Membership
  readonly places: Places
  readonly peers: Peers | null
  readonly rowFile: RowFile
  readonly operator: VerbDeps
  readonly isOwnTime: boolean
  /** Instead of the limit of G-6. */
  readonly tokenLimit?: RateLimit
  readonly waitNoLonger: () => void
  /** What people try from the console comes through this door as well. */
  readonly tries: Tries
  readonly requestLog: Pick<RequestLog, 'note'>
  readonly courtesy: Courtesy
  /** The bots are played by the simulator. */
  readonly isSimulated?: boolean
  /** Where the console is built, unless it is where the project builds it. */
  readonly consoleFolder?: string
  readonly passwordCost?: PasswordCost
  /** For the document, in the demo: with ids that there are, once it knows them. */
  readonly exampleRequests?: OperatorRouteDeps['exampleRequests']
}

/** Listens to customers. Rejects when the port is taken. */
export function openToCustomers(deps: CustomersDeps): Promise<Server> {
  const { config, room, membership, operator, consoleFolder = CONSOLE_FOLDER, isSimulated = false } = deps
  const { db, clock } = room
  const limitOfG6 = db.isShared
    ? createSharedRateLimit({ db, clock, isTimeTheClocks: deps.isOwnTime })
    : tokensHere(createRateLimit(clock))
  const arrivals = createArrivals()
  return openServer(config, {
    ...room,
    ...{ keyring: deps.keyring, random: deps.random, metrics: deps.metrics },
    ...{ places: deps.places, peers: deps.peers, operator, waitNoLonger: deps.waitNoLonger },
    ...{ requestLog: deps.requestLog, tries: deps.tries, courtesy: deps.courtesy },
    ...{ consoleFolder, isSimulated, passwordCost: deps.passwordCost },
    callers: createKnownCallers({ db, keyring: deps.keyring, clock }),
    remembered: createRememberedLists(),
    lists: { db: db.crowd },
    runOfRows: () => runOfRows(membership),
    arrivals,
    listTurns: createListTurns({
      clock,
      atOnce: db.isShared ? 4 : 1,
      inNextTick: call => setImmediate(() => arrivals.letThemIn(LIST_TURN_WAITS_MS, call)),
    }),
    rowCache: createRowCache({
      db: db.crowd,
      file: deps.rowFile,
      bytesMax: config.rowCacheBytesMax,
      chatsPerRead: db.isShared ? 4 : 1,
    }),
    tokenLimit: deps.tokenLimit ? tokensHere(deps.tokenLimit) : limitOfG6,
    addressLimit: createRateLimit(clock),
    whatIsMissing: async () => [
      ...((await storeServes(db, systemClock)) ? [] : ['store']),
      ...(membership.isIn ? [] : ['membership']),
    ],
    exampleRequests: deps.exampleRequests,
  })
}
