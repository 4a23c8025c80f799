export type { Answer, CallOptions, Done, Keyed, Refusal, Waiting } from './calls/answer.ts'
export {
  NoAnswer,
  QunhubError,
  Refused,
  TooBusy,
  TooManyWaiting,
  UnexpectedAnswer,
} from './calls/failure.ts'
export type { PaceRule } from './calls/pace.ts'
export type { PagesOptions } from './calls/pages.ts'
export type { RetryRule } from './calls/retry.ts'
export { type Client, type ClientOptions, type Contacts, createClient, type Rooms } from './client.ts'
export type { Clock } from './clock.ts'
export type * from './contract.ts'
