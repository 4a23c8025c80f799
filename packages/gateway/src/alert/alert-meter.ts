import type { AlertCause } from '@qunhub/wire'

/** Counts what becomes of alerts. */
export interface AlertMeter {
  alertRaised(cause: AlertCause): void
  /** A message with one or more alerts was taken, or given up after its last try; or an alert found no room to wait. */
  alertMessage(result: 'sent' | 'failed' | 'dropped'): void
}
