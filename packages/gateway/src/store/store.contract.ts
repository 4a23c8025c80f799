import { describe } from 'vitest'
import { botMovesContract } from './contract/bot-moves.contract.ts'
import { importContactsContract } from './contract/import-contacts.contract.ts'
import { isolationContract } from './contract/isolation.contract.ts'
import { pagesContract } from './contract/pages.contract.ts'
import { recordsContract } from './contract/records.contract.ts'
import { removalsContract } from './contract/removals.contract.ts'
import { revisionsContract } from './contract/revisions.contract.ts'
import { roomsContract } from './contract/rooms.contract.ts'
import type { OpenStore } from './contract/scene.contract.ts'
import { schemaContract } from './contract/schema.contract.ts'
import { tenuresContract } from './contract/tenures.contract.ts'
import { thinOutContract } from './contract/thin-out.contract.ts'
import { writesContract } from './contract/writes.contract.ts'

/** What callers may rely on, whatever the dialect: the one suite that every dialect passes unchanged. */
export function storeContract(name: string, open: OpenStore): void {
  describe(name, () => {
    writesContract(open)
    schemaContract(open)
    recordsContract(open)
    botMovesContract(open)
    importContactsContract(open)
    roomsContract(open)
    revisionsContract(open)
    pagesContract(open)
    isolationContract(open)
    tenuresContract(open)
    thinOutContract(open)
    removalsContract(open)
  })
}
