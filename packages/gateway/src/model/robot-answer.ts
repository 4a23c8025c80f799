/** What came of one message to the alert address. No reason holds the address or its key; in an answer what looks like the key is left out. */
export type RobotAnswer =
  | { readonly outcome: 'taken'; readonly answer: string }
  /** `reason`: a status or a code of its own. */
  | { readonly outcome: 'refused'; readonly reason: string; readonly answer: string }
  | { readonly outcome: 'timeout' }
  /** It is no public address, and none that was allowed. */
  | { readonly outcome: 'address-refused' }
  /** Nobody could be connected to, or the connection broke. */
  | { readonly outcome: 'unreachable'; readonly reason: string }
