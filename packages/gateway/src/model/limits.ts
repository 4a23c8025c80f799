/** Limits of WeCom that the page names. Ours carry their name where they are used. */
export const ROOM_MEMBERS_MAX = 500
/** Below it WeCom pulls a contact in; from it on the contact receives a card (AM-20, decision 0003). */
export const ROOM_MEMBERS_CARD_MIN = 40
/** CR-10: people besides coworkers that a new room needs, and may have. */
export const ROOM_INVITEES_MIN = 2
export const ROOM_INVITEES_MAX = 40
/** AM-23: advised by the page, counted and warned about by us. */
export const ADDITIONS_PER_MINUTE_ADVISED_MAX = 50
