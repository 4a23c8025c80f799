/**
 * A style element that a library makes after the page has loaded has no nonce, and the policy drops it. So whoever makes one gets it
 * from here. Importing this has an effect, and it is the first import of all, because libraries make theirs as they load.
 */
const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? ''

/** What the policy of this page lets pass. */
export const styleNonce = (): string => nonce

const createElement = document.createElement.bind(document)
document.createElement = ((name: string, options?: ElementCreationOptions) => {
  const made = createElement(name, options)
  if (nonce !== '' && made instanceof HTMLStyleElement) made.nonce = nonce
  return made
}) as typeof document.createElement
