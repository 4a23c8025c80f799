import type { grpc } from '@juzi/wechaty-grpc'

const SCHEME = 'Wechaty '

/**
 * Which account a call is for. With TLS the token travels as `authorization: Wechaty <token>`;
 * without it gRPC refuses to send credentials, so clients put the token where the host name belongs.
 */
export function tokenOfCall(call: { metadata: grpc.Metadata; getHost(): string }): string {
  const [authorization] = call.metadata.get('authorization')
  if (typeof authorization === 'string' && authorization.startsWith(SCHEME))
    return authorization.slice(SCHEME.length)
  return call.getHost() ?? ''
}
