import { grpc } from '@juzi/wechaty-grpc'

/** What a puppet call fails with. Real services send no useful codes, only a text: so UNKNOWN is the usual one. */
export interface PuppetError {
  readonly code: grpc.status
  readonly details: string
}

const DETAILS_CHARACTERS_MAX = 500

// gRPC percent-encodes the text, which throws on a lone surrogate; names in this world may hold any garbage.
const puppetError = (code: grpc.status, text: string): PuppetError => ({
  code,
  details: text.slice(0, DETAILS_CHARACTERS_MAX).toWellFormed(),
})

export const refused = (text: string) => puppetError(grpc.status.UNKNOWN, text)
export const unauthenticated = () => puppetError(grpc.status.UNAUTHENTICATED, 'Invalid Wechaty TOKEN')
export const unavailable = (text: string) => puppetError(grpc.status.UNAVAILABLE, text)
export const occupied = () => puppetError(grpc.status.ALREADY_EXISTS, 'event stream: can not set twice')
export const exhausted = () =>
  puppetError(grpc.status.RESOURCE_EXHAUSTED, 'event stream: the client reads too slowly')
