/** One word of a POSIX shell, whatever is in it. */
export const shellWord = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** Where callbacks of a kind go: the kind behind the path of the base, whose query stays where it was (CB-5). */
export function urlOf(base: string, kind: string): string {
  const url = new URL(base)
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${kind}`
  return url.href
}

interface Sent {
  readonly base: string
  readonly kind: string
  readonly webhookId: string
  readonly body: string
}

/** The request as a line to paste. It is not signed: who has the secret signs, and the console has none. */
export const callbackCurl = ({ base, kind, webhookId, body }: Sent): string =>
  [
    `curl -i -X POST ${shellWord(urlOf(base, kind))}`,
    `-H 'content-type: application/json; charset=utf-8'`,
    `-H ${shellWord(`webhook-id: ${webhookId}`)}`,
    `--data-binary ${shellWord(body)}`,
  ].join(' \\\n  ')
