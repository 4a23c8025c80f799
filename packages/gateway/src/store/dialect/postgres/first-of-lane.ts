/**
 * What stands first in a lane of the address `$2` in the workspace `$1`: what is new goes before what is replayed. Without
 * the callback `except`, if one is named.
 *
 * Two questions, because the index knows the order of ids only. Few replayed ones are passed over: of each replay no more
 * than some wait (replays.ts). They name no workspace, of which an address is known to be: with it, whichever index of the
 * table happens to be lower seems as good as `callback_lane`, while PostgreSQL takes the table for empty. And `limit` keeps
 * it from joining the answer to the whole table, for the same mistake.
 */
export function firstOf(laneKey: string, except?: string): string {
  const waiting = `select id from callback where address_id = $2 and lane_key = ${laneKey} and state = 'due'
    ${except === undefined ? '' : `and id <> ${except}`}`
  return `select id, webhook_id, kind, attempt, due_at, replay_id, body_id from callback
    where workspace_id = $1 and state = 'due' and id = coalesce(
      (${waiting} and replay_id is null order by id limit 1), (${waiting} order by id limit 1))
    limit 1`
}

/** The body of a callback that `firstOf` found. */
export const bodyOf = (found: string): string =>
  `select bytes from callback_body where workspace_id = $1 and id = ${found}.body_id limit 1`

/** What a head is, of the callback, its body and its address under these names. */
export const headOf = (callback: string, body: string, address: string): string =>
  `${callback}.id, ${callback}.webhook_id as "webhookId", ${callback}.kind, ${callback}.attempt, ${callback}.due_at as "dueAt",
    ${callback}.replay_id as "replayId", ${body}.bytes as body, ${address}.base_url as "baseUrl",
    ${address}.secrets_sealed as "secretsSealed"`
