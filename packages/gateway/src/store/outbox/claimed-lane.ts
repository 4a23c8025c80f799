/**
 * That somebody has claimed the lane, for whoever has found it by its key. Said as `is not null` it would be what the index of claimed
 * lanes asks for, and PostgreSQL would now and then look through those instead: by its statistics either way gives one row.
 */
export const isClaimed = (owner: string): string => `coalesce(${owner}, '') <> ''`
