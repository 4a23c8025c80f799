/**
 * The management API: what the CLI can ask about callbacks, and what it can look at of bots, over the API's port, for a
 * workspace's own tools. It has a realm of tokens of its own: whoever may send customers into rooms may not therefore read
 * what was told of them, nor the other way round. Tokens travel in the Authorization header only, so no other site's form
 * can carry one.
 */
import { botQrcode, type OperatorReply, operatorVerbs } from '@qunhub/wire'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { toQrCode } from '../model/qr-code.ts'
import { MALFORMED, type VerbDeps } from '../operator/verb.ts'
import { findToken } from '../store/workspaces/tokens.ts'
import { callerAddress } from './caller-address.ts'
import { type Admitted, answerVerb, verbFor } from './doors/verb-door.ts'
import { toPng } from './qr-png.ts'
import type { AddressLimit, TokenLimit } from './rate-limit.ts'
import { type BodyBytes, readBody } from './read-body.ts'
import { bearer, type Caller } from './token-guard.ts'
import { tooMany } from './too-many.ts'

export interface ManagementDeps {
  readonly operator: VerbDeps
  /** Per token (G-6). */
  readonly tokenLimit: TokenLimit
  /** Per address, for requests without a valid token. */
  readonly addressLimit: AddressLimit
}

const TOKEN = { realm: 'management' } as const

export function managementRoutes(app: FastifyInstance, deps: ManagementDeps): void {
  for (const name of Object.keys(operatorVerbs)) {
    const verb = verbFor(TOKEN, name)
    if (verb) app.post(`/manage/${name}`, (request, reply) => answer(verb, request, reply, deps))
  }
  const login = verbFor(TOKEN, 'login-bot')
  if (login) app.get(botQrcode.path, (request, reply) => answerQrcode(login, request, reply, deps))
}

/** Token, then limit, then input: the first refusal wins, as on the page (G-10). */
async function answer(
  verb: Admitted,
  request: FastifyRequest,
  reply: FastifyReply,
  deps: ManagementDeps,
): Promise<OperatorReply | string> {
  const caller = await letIn(request, reply, deps)
  if ('instead' in caller) return caller.instead
  const { workspaceId } = caller

  const body = readBody(request.body as BodyBytes)
  if (!body.ok) return malformed(reply, body.detail!)
  if (body.value['workspace'] !== undefined && body.value['workspace'] !== workspaceId)
    return malformed(reply, 'workspace: 由 token 决定, 不必提供 (the token says which)')
  const input = { ...body.value, workspace: workspaceId }
  const answered = await answerVerb(verb, input, deps.operator, {
    ...{ realm: 'management', whoId: caller.tokenId, who: caller.label },
  })
  reply.code(answered.status)
  return answered.reply
}

/** The picture, or why there is none: not as a 200, which whoever wants a picture would take for one. */
async function answerQrcode(
  verb: Admitted,
  request: FastifyRequest,
  reply: FastifyReply,
  deps: ManagementDeps,
): Promise<OperatorReply | string | Buffer> {
  const caller = await letIn(request, reply, deps)
  if ('instead' in caller) return caller.instead

  const { bot } = request.query as { bot?: string }
  const { workspaceId } = caller
  const input = { bot, workspace: workspaceId }
  const { status, reply: answered } = await answerVerb(verb, input, deps.operator)
  if (!answered.ok) {
    reply.code(status === 200 ? 409 : status)
    return answered
  }
  const { qrcode, state } = operatorVerbs['login-bot'].output.parse(answered.value)
  const code = qrcode?.text ? toQrCode(qrcode.text) : null
  if (code) return reply.type('image/png').send(toPng(code))
  const refused = qrcode?.text ? 'qrcode-too-long' : 'no-qrcode'
  reply.code(409)
  return { ok: false, refused, message: `${botQrcode.refusals[refused]} (${state})` }
}

/** The caller, or what he is answered instead. */
async function letIn(
  request: FastifyRequest,
  reply: FastifyReply,
  { operator, tokenLimit, addressLimit }: ManagementDeps,
): Promise<(Caller & { readonly label: string }) | { readonly instead: OperatorReply | string }> {
  const token = bearer(request.headers.authorization)
  const caller = token && (await findToken(operator.db, operator.keyring, token, 'manage'))
  const take = caller ? await tokenLimit.take(caller) : addressLimit.take(callerAddress(request))
  if (!take.passed) return { instead: tooMany(reply, take) }
  if (!caller) {
    reply.code(401).header('www-authenticate', 'Bearer realm="manage"')
    return { instead: NO_VALID_TOKEN }
  }
  request.facts.workspace = caller.workspaceId
  return caller
}

const NO_VALID_TOKEN: OperatorReply = {
  ok: false,
  refused: 'token-invalid',
  message:
    'token 无效, 请用 qunhub token issue --realm manage 签发, 放在 Authorization: Bearer / no valid token of this realm; issue one with: qunhub token issue --realm manage',
}

function malformed(reply: FastifyReply, message: string): OperatorReply {
  reply.code(400)
  return { ok: false, refused: MALFORMED, message }
}
