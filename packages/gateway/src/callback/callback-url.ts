import { type CallbackKind, callbacks, testCallback } from '@qunhub/wire'

/**
 * Where a callback of this kind goes: the kind's path appended to the path of the customer's base, whose query stays
 * where it was (CB-5). `base` is a URL that the store accepted.
 */
export const callbackUrl = (base: string, kind: CallbackKind): URL => below(base, pathOf(kind))

/** Where a test goes (CB-20). */
export const testUrl = (base: string): URL => below(base, testCallback.path)

function below(base: string, path: string): URL {
  const url = new URL(base)
  url.pathname = url.pathname.replace(/\/+$/, '') + path
  return url
}

/** Kinds come out of the store as text, and a newer Qunhub may have written some that this one does not know. */
export const isCallbackKind = (kind: string): kind is CallbackKind =>
  callbacks.some(callback => callback.kind === kind)

const pathOf = (kind: CallbackKind): string => callbacks.find(callback => callback.kind === kind)!.path
