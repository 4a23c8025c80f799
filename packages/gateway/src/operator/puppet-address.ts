import type { VerbInput } from '@qunhub/wire'
import type { PuppetAddress } from '../model/bot.ts'

type Given = Pick<VerbInput<'add-bot'>, 'endpoint' | 'discovery' | 'token' | 'tls'>

/** An endpoint or an authority, and not both. */
export function addressIn({ endpoint, discovery, token, tls }: Given): PuppetAddress | null {
  if (endpoint !== undefined && discovery === undefined) return { endpoint, token, tls }
  if (endpoint === undefined && discovery !== undefined) return { endpoint: null, discovery, token, tls }
  return null
}

/** What is given goes before what there was; an address of one kind takes the place of the other. */
export function addressAfter(
  former: PuppetAddress,
  {
    endpoint,
    discovery,
    token = former.token,
    tls = former.tls,
  }: { readonly [K in keyof Given]?: Given[K] | undefined },
): PuppetAddress | null {
  if (endpoint === undefined && discovery === undefined) return { ...former, token, tls }
  return addressIn({ endpoint, discovery, token, tls })
}
