/**
 * What Prometheus reads. Labels are endpoints, states, codes and the like: bounded, and never an id, a token or a text of
 * somebody's, but for the callback addresses that are late, which are ours to name (0055). Each gateway has a registry of its
 * own; what is true of the whole process stands beside it.
 */
import { Registry } from 'prom-client'
import type { AlertMeter } from '../alert/alert-meter.ts'
import type { CallbackMeter } from '../callback/callback-meter.ts'
import type { BotMeter } from '../puppet/bot-meter.ts'
import type { AdditionMeter } from '../room/addition-pace.ts'
import type { StoreObserver } from '../store/database/observed-database.ts'
import { type MetricSources, showSources } from './gauges.ts'
import { instrumentsOf } from './instruments.ts'
import {
  type HearingMeter,
  meterAdditions,
  meterAlerts,
  meterBots,
  meterCallbacks,
  meterHearing,
  meterNode,
  meterReconciles,
  meterRequests,
  meterStore,
  type NodeMeter,
  type ReconcileMeter,
  type RequestMeter,
} from './meters.ts'
import { processMetrics } from './process-metrics.ts'

export interface Metrics
  extends RequestMeter,
    NodeMeter,
    CallbackMeter,
    BotMeter,
    HearingMeter,
    AlertMeter,
    ReconcileMeter,
    AdditionMeter {
  readonly store: StoreObserver
  /** Shows these from now on. */
  watch(sources: MetricSources): void
  text(): Promise<{ contentType: string; body: string }>
}

export function createMetrics(): Metrics {
  const registry = new Registry()
  const instruments = instrumentsOf(registry)
  return {
    ...meterRequests(instruments),
    ...meterNode(instruments),
    ...meterReconciles(instruments),
    ...meterCallbacks(instruments),
    ...meterBots(instruments),
    ...meterAdditions(instruments),
    ...meterHearing(instruments),
    ...meterAlerts(instruments),
    store: meterStore(instruments),
    watch: sources => showSources(instruments, sources),
    async text() {
      const texts = await Promise.all([registry.metrics(), processMetrics().metrics()])
      return { contentType: registry.contentType, body: texts.join('\n') }
    },
  }
}
