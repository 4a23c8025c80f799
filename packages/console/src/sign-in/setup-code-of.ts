/** The start may print an address that has the code behind its `#`, which no browser sends anywhere. */
export const setupCodeOf = (hash: string): string => new URLSearchParams(hash.slice(1)).get('code') ?? ''
