import { firstSchema } from './0001-first-schema.ts'
import { contactNumbers } from './0002-contact-numbers.ts'
import { people } from './0003-people.ts'
import { audit } from './0004-audit.ts'
import { talliesAndRequests } from './0005-tallies-and-requests.ts'
import { addressCouriers } from './0006-address-couriers.ts'
import { findingCallbacks } from './0007-finding-callbacks.ts'
import { findingRooms } from './0008-finding-rooms.ts'
import { countingEditions } from './0009-counting-editions.ts'
import { oneWayToAKey } from './0010-one-way-to-a-key.ts'
import { rowsWithoutReferences } from './0011-rows-without-references.ts'
import { fewerPages } from './0012-fewer-pages.ts'
import type { Migration } from './migration.ts'

/** Every step, oldest first. */
export const migrations: readonly Migration[] = [
  firstSchema,
  contactNumbers,
  people,
  audit,
  talliesAndRequests,
  addressCouriers,
  findingCallbacks,
  findingRooms,
  countingEditions,
  oneWayToAKey,
  rowsWithoutReferences,
  fewerPages,
]
