import { cleanString, complain, type WorkspaceId } from '@qunhub/wire'
import { z } from 'zod'
import { done, type Result, refuse } from '../model/result.ts'
import type { FoundCaller } from '../store/workspaces/tokens.ts'
import type { Fields } from './read-body.ts'

/** Whose request it is. */
export interface Caller {
  readonly tokenId: string
  readonly workspaceId: WorkspaceId
  /** Where the store was asked for it; a pass of the console opens once. */
  readonly token?: string
  /** Of what lists of the workspace show. */
  readonly edition?: FoundCaller['edition']
}

/** Where a token may stand: in the body (POST), else in the query, else in the Authorization header (G-2). */
export interface TokenSources {
  readonly body: Fields | null
  readonly query: Fields
  readonly authorization: string | undefined
}

/**
 * Finds the caller. `token-invalid` for an unknown, empty or revoked token, whatever else is wrong with the request
 * (G-4, G-10); `bad-request` only where the token itself is no string (G-5).
 */
export async function findCaller(
  sources: TokenSources,
  findToken: (token: string) => Promise<Caller | undefined>,
): Promise<Result<Caller, 'token-invalid' | 'bad-request'>> {
  const given = firstGiven(sources.body?.['token'], sources.query['token'], bearer(sources.authorization))
  if (given === undefined) return refuse('token-invalid')
  const read = TokenText.safeParse({ token: given })
  if (!read.success) return refuse('bad-request', complain(read.error, { token: given }))
  const caller = await findToken(read.data.token)
  return caller ? done(caller) : refuse('token-invalid')
}

// One that is too long is no token that anybody has (G-4).
const TokenText = z.object({ token: cleanString() })

/** An empty token counts as absent: SDKs send the field whether or not it is filled. */
const firstGiven = (...values: unknown[]): unknown =>
  values.find(value => value !== undefined && value !== null && value !== '')

export const bearer = (authorization: string | undefined): string | undefined =>
  /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1]
