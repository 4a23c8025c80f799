import { useVerb } from '../api/use-verb.ts'
import { useWorkspaceId } from '../frame/url-state.ts'
import { usePreferences } from '../preferences/use-preferences.tsx'
import type { ShownCallback } from './callback-panel.tsx'
import { urlOf } from './curl.ts'

/** In the words of the receiver's program: what every signature is made of. */
const VERIFY = `import { createHmac, timingSafeEqual } from 'node:crypto'

const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
const signed = \`\${headers['webhook-id']}.\${headers['webhook-timestamp']}.\`
const mine = createHmac('sha256', key).update(signed).update(rawBody).digest()
const ok = headers['webhook-signature'].split(' ').some(each => {
  const theirs = Buffer.from(each.replace(/^v1,/, ''), 'base64')
  return theirs.length === mine.length && timingSafeEqual(theirs, mine)
})`
const SHOWN_CHARACTERS_MAX = 120

/** What was sent, and how its signature is made. */
export function RequestTab({ callback }: { readonly callback: ShownCallback }) {
  const { callbacks: say } = usePreferences().words
  const address = useVerb('show-callback-address', { workspace: useWorkspaceId() })
  const { kind, webhookId, body, history } = callback
  const sentAt = history.at(-1)?.startedAt ?? callback.dueAt ?? callback.owedAt
  const seconds = Math.floor(sentAt / 1000)
  const { url, header } = address.data ?? { url: undefined, header: null }
  const lines = [
    `POST ${url === undefined ? `…/${kind}` : urlOf(url, kind)}`,
    'content-type: application/json; charset=utf-8',
    ...(header === null ? [] : [`${header}: …`]),
    `webhook-id: ${webhookId}`,
    `webhook-timestamp: ${seconds}`,
    'webhook-signature: v1,…',
  ]
  const shown = body.length > SHOWN_CHARACTERS_MAX ? `${body.slice(0, SHOWN_CHARACTERS_MAX)}…` : body
  return (
    <>
      <pre>{lines.join('\n')}</pre>
      <p className="within">
        {say.signedWhy} {say.secretWhere}
      </p>
      <h2 className="within">{say.signedText}</h2>
      <pre>{`${webhookId}.${seconds}.${shown}`}</pre>
      <h2 className="within">{say.verify}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it with the arrows. */}
      <pre tabIndex={0}>{VERIFY}</pre>
    </>
  )
}
