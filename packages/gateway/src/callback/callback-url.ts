import { type CallbackKind, callbacks } from '@qunhub/wire'

/**
 * Where a callback of this kind goes: the kind's path appended to the path of the customer's base, whose query stays
 * where it was (CB-5). `base` is a URL that the store accepted.
 */
export function callbackUrl(base: string, kind: CallbackKind): URL {
  const url = new URL(base)
  url.pathname = url.pathname.replace(/\/+$/, '') + pathOf(kind)
  return url
}

/** Kinds come out of the store as text, and a newer Qunhub may have written some that this one does not know. */
export const isCallbackKind = (kind: string): kind is CallbackKind =>
  callbacks.some(callback => callback.kind === kind)

const pathOf = (kind: CallbackKind): string => callbacks.find(callback => callback.kind === kind)!.path
