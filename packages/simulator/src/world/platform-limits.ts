/** WeCom's own number: a customer room takes no five-hundred-and-first member. */
export const ROOM_MEMBERS_MAX = 500

/** Below this many members a contact is pulled in; from here on it receives a card. */
export const ROOM_MEMBERS_DIRECT_INVITE_MAX = 40

/** A room that a bot creates needs two others; with one it would be a private chat. */
export const ROOM_INVITEES_MIN = 2

/** The world forgets the oldest messages beyond this, so that a chatty test cannot fill the memory. */
export const MESSAGES_MAX = 10_000

/** The world forgets the oldest settled invitations beyond this; pending ones are always kept. */
export const INVITATIONS_MAX = 10_000
