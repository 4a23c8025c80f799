import type { SavedRoom } from '../store/rooms/rooms.ts'

/**
 * Why a room is saved; it decides what the customer is owed.
 *
 * - `started`: the bot is starting, and this room was not told yet. `loaded`, also where it was entered meanwhile (CB-1, CB-14).
 *   It is what every other occasion but `created` means in a start.
 * - `asked`: somebody asked for a sync. `loaded` for every room; before it `joined`, if the bot entered unseen (CB-3).
 * - `reconciled`: the stream came back after a loss. Entered unseen → `joined`; changed since `revision` → `loaded`
 *   (CB-2, CB-3).
 * - `returned`: the account was logged out for a moment. Entered meanwhile, or changed → `loaded` (CB-1).
 * - `witnessed`: an event or an answer of the running bot. Entered → `joined`; any other change is silent (CB-3).
 *   `names`: the event says that the bot joined, by its id, or by what may be its name.
 * - `created`: a request made the room. `joined`, whoever saved it first (CR-24).
 *
 * A room that the bot turns out to be in, and that no event has named it in, may be one that it was in all along and that the
 * puppet shows late: then it is `loaded` and never `joined`; see `RoomNotes.isEntrance`.
 *
 * What else happened to a room that the bot was in is owed on each occasion, where the workspace has it switched on: who
 * joined, who left, a new topic (NB-6), and `joined` for any member, but for a start, which says `loaded` (CB-3).
 */
export type Occasion =
  | { readonly why: 'asked' | 'created' }
  | { readonly why: 'started'; readonly names?: BotNamed }
  | { readonly why: 'witnessed'; readonly names?: BotNamed }
  /** `revision`: the chat's when the reconcile began; undefined when the bot was not known to be in it. */
  | {
      readonly why: 'reconciled' | 'returned'
      readonly revision: number | undefined
      /** An event named the bot meanwhile. */
      readonly names?: BotNamed
    }

/** How an event names the bot among those who joined. */
export type BotNamed = 'the-bot' | 'its-name'

/** Whether an event has named the bot among those who joined. */
export const isNamed = (occasion: Occasion): boolean => 'names' in occasion && occasion.names !== undefined

/** The same seen while the bot starts, by whomever: it is the start's; but whoever made a room knows better. */
export const inStart = (occasion: Occasion): Occasion =>
  occasion.why === 'created'
    ? occasion
    : { why: 'started', ...('names' in occasion && occasion.names && { names: occasion.names }) }

/** What seeing a room means of which a sync still owes `missed`: whichever of the two tells more. */
export function withMissed(occasion: Occasion, missed: Occasion | undefined): Occasion {
  if (!missed || occasion.why === 'created') return occasion
  const tellsLess = occasion.why === 'witnessed' || occasion.why === 'reconciled'
  const meant = missed.why === 'started' || tellsLess ? missed : occasion
  // Whatever else is owed, an event that names the bot tells of an entrance.
  return isNamed(occasion) && 'names' in occasion && canBeNamed(meant)
    ? { ...meant, names: occasion.names! }
    : meant
}

const canBeNamed = (occasion: Occasion): occasion is Exclude<Occasion, { why: 'asked' | 'created' }> =>
  occasion.why !== 'asked' && occasion.why !== 'created'

/** Which of `joined` and `loaded` the occasion owes for this save. */
export function owedFor(
  occasion: Occasion,
  { entered, revision }: SavedRoom,
  isEntrance: boolean,
): { joined: boolean; loaded: boolean } {
  const joined = entered && isEntrance
  switch (occasion.why) {
    case 'started':
      return { joined, loaded: !joined }
    case 'asked':
      return { joined, loaded: true }
    case 'reconciled':
      return { joined, loaded: !joined && revision !== occasion.revision }
    case 'returned': {
      const isTold = entered && isNamed(occasion)
      return { joined: isTold, loaded: !isTold && revision !== occasion.revision }
    }
    case 'witnessed':
      return { joined, loaded: entered && !joined }
    case 'created':
      return { joined: true, loaded: false }
    default:
      return occasion satisfies never
  }
}
