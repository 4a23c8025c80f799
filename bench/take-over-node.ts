/** A node of the bench `take-over`, that does nothing but deliver callbacks, with the waits of production. */
import { openLiveCourier } from '@qunhub/testing/grounds/live-courier.ts'
import { Keyring } from '../packages/gateway/src/model/keyring.ts'
import { openStore } from '../packages/gateway/src/store/database/open-store.ts'

const { masterKeyHex, ...at } = JSON.parse(process.argv[2]!) as {
  dataDir: string
  databaseUrl: string
  masterKeyHex: string
}
const { db } = await openStore({ ...at, migrate: false })
await openLiveCourier(db, new Keyring(Buffer.from(masterKeyHex, 'hex')))
process.once('disconnect', () => process.exit())
process.send?.('open')
