/**
 * A gateway that hosts the given bots. It says where it is, and when all are online; asked `usage`, what it has spent and holds;
 * asked `rooms`, how many it knows and whether its first sync is over.
 */
import { holdLittleMemory } from '../packages/gateway/src/cli/lean-memory.ts'
import { readConfig } from '../packages/gateway/src/config/config.ts'
import { openGateway } from '../packages/gateway/src/gateway.ts'
import { runVerb } from '../packages/gateway/src/operator/run-verb.ts'
import { addBot } from '../packages/gateway/src/store/bots/bots.ts'
import { issueToken } from '../packages/gateway/src/store/workspaces/tokens.ts'
import { usage } from './usage.ts'

holdLittleMemory()
const { dataDir, databaseUrl, endpoint, bots } = JSON.parse(process.argv[2]!) as {
  dataDir: string
  databaseUrl?: string
  endpoint: string
  bots: { token: string }[]
}
const gateway = await openGateway(
  readConfig({
    PORT: '0',
    QUNHUB_DATA_DIR: dataDir,
    QUNHUB_SECRET_KEY: '5'.repeat(64),
    ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}),
  }),
  { tokenLimit: { take: () => ({ passed: true }) } },
)
const { db, keyring, random, clock, live } = gateway.operator
const added = await runVerb('add-workspace', { name: '压测' }, gateway.operator)
const workspaceId = (added as { value: { id: string } }).value.id as Parameters<typeof addBot>[3]
const { token: apiToken } = await issueToken(db, keyring, random, workspaceId, { label: '', at: clock.now() })
for (const { token } of bots)
  await addBot(db, keyring, random, workspaceId, {
    address: { endpoint, token, tls: false },
    expectedUserId: null,
    at: clock.now(),
  })
process.on('message', async asked => {
  if (asked === 'usage') return process.send?.(usage())
  if (asked === 'rooms') {
    const known = await db.first<{ rooms: number; starting: number }>({
      sql: 'select (select count(*) from chat) as rooms, (select sum(starting) from bot) as starting',
      parameters: [],
    })
    return process.send?.({ rooms: Number(known!.rooms), isSynced: Number(known!.starting) === 0 })
  }
  const beganAt = performance.now()
  await live!.claimBots()
  const online = () => live!.roster.all().filter(({ session }) => session.state === 'online').length
  while (asked === 'host' && online() < bots.length) await new Promise(resolve => setTimeout(resolve, 20))
  process.send?.({ ms: performance.now() - beganAt })
})
process.once('disconnect', () => process.exit())
process.once('SIGTERM', () => void gateway.stop().then(() => process.exit(0)))
process.send?.({ origin: gateway.baseUrl, token: apiToken })
