export type { Clock } from '../clock.ts'
export type * from '../contract.ts'
export { BodyEaten } from './body.ts'
export type { Callback, CallbackFacts, CallbackKind, UnknownCallback } from './callback.ts'
export {
  createReceiver,
  type Delivery,
  type Handler,
  HandlerTooSlow,
  type Receiver,
  type ReceiverOptions,
  type Verdict,
} from './receiver.ts'
export { type Claim, type SeenStore, seenInMemory } from './seen.ts'
