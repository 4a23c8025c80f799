import { describe } from 'vitest'
import { auditContract } from './audit.contract.ts'
import { botMovesContract } from './bot-moves.contract.ts'
import { contactPagesContract } from './contact-pages.contract.ts'
import { glanceContract } from './glance.contract.ts'
import { importContactsContract } from './import-contacts.contract.ts'
import { isolationContract } from './isolation.contract.ts'
import { keptContactsContract } from './kept-contacts.contract.ts'
import { listEditionContract } from './list-edition.contract.ts'
import { pagesContract } from './pages.contract.ts'
import { peopleContract } from './people.contract.ts'
import { recentContract } from './recent.contract.ts'
import { recordsContract } from './records.contract.ts'
import { removalsContract } from './removals.contract.ts'
import { revisionsContract } from './revisions.contract.ts'
import { roomsContract } from './rooms.contract.ts'
import type { OpenStore } from './scene.contract.ts'
import { schemaContract } from './schema.contract.ts'
import { searchContract } from './search.contract.ts'
import { searchRoomsContract } from './search-rooms.contract.ts'
import { tailContract } from './tail.contract.ts'
import { tenuresContract } from './tenures.contract.ts'
import { thinOutContract } from './thin-out.contract.ts'
import { togetherContract } from './together.contract.ts'
import { writesContract } from './writes.contract.ts'

/** What callers may rely on, whatever the dialect: the one suite that every dialect passes unchanged. */
export function storeContract(name: string, open: OpenStore): void {
  describe(name, () => {
    writesContract(open)
    schemaContract(open)
    recordsContract(open)
    botMovesContract(open)
    importContactsContract(open)
    contactPagesContract(open)
    roomsContract(open)
    revisionsContract(open)
    togetherContract(open)
    keptContactsContract(open)
    pagesContract(open)
    listEditionContract(open)
    isolationContract(open)
    tenuresContract(open)
    thinOutContract(open)
    tailContract(open)
    removalsContract(open)
    peopleContract(open)
    auditContract(open)
    recentContract(open)
    glanceContract(open)
    searchContract(open)
    searchRoomsContract(open)
  })
}
