import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { RecoveryStage } from '../model/bot.ts'

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** How the recovery of a deaf bot goes on, as labels say it. */
export const STAGES = ['new-stream', 'start-again', 'operator'] as const satisfies readonly RecoveryStage[]

/** Makes what is measured with, in one registry. Names begin with `qunhub_`; of time in seconds. */
export interface Instruments {
  counter<L extends string = never>(name: string, help: string, labelNames?: readonly L[]): Counter<L>
  histogram<L extends string = never>(name: string, help: string, labelNames?: readonly L[]): Histogram<L>
  /** `collect` sets it whenever somebody reads. */
  gauge<L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    collect: (self: Gauge<L>) => void | Promise<void>,
  ): void
}

export const instrumentsOf = (registry: Registry): Instruments => ({
  counter: (name, help, labelNames = []) => new Counter({ name, help, labelNames, registers: [registry] }),
  histogram: (name, help, labelNames = []) =>
    new Histogram({ name, help, labelNames, buckets: SECONDS, registers: [registry] }),
  gauge: (name, help, labelNames, collect) =>
    void new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      collect() {
        return collect(this)
      },
    }),
})
