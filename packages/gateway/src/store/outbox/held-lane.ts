/**
 * That somebody holds the lane, for whoever has found it by its key. Said as `is not null` it would be what the index of held
 * lanes asks for, and PostgreSQL would now and then look through those instead: by its statistics either way gives one row.
 */
export const isHeld = (owner: string): string => `coalesce(${owner}, '') <> ''`
