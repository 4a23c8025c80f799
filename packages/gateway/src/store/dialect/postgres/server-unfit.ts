import { StoreError } from '../../database/store-error.ts'

/** The database, its server, or the pool before it is not one that a store can be kept in. */
export class ServerUnfit extends StoreError {
  override name = 'ServerUnfit'
}
