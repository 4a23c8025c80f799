import { done, refuse } from '../model/result.ts'
import { addressAfter, addressIn } from './puppet-address.ts'
import type { Verbs } from './verb.ts'

export const puppetTryVerbs = {
  /** Of a bot there is, what is not given is what it has; its event stream is left alone, so that it hears on. */
  'try-puppet': async (asked, { tryPuppet, workspace, bot }) => {
    const { token = bot?.address.token, tls = false } = asked
    if (token === undefined) return refuse('token-missing')
    const address = bot ? addressAfter(bot.address, asked) : addressIn({ ...asked, token, tls })
    if (!address) return refuse('address-unclear')
    const tried = await tryPuppet(address, workspace.id)
    return tried ? done(tried) : refuse('try-under-way')
  },
} satisfies Verbs
