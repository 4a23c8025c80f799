/** Harmless to every shell, and no option. */
const PLAIN = /^[\p{L}\p{N}_@.:][\p{L}\p{N}_@.:-]*$/u

/**
 * A stranger's text as one word of a command that an operator may paste into a POSIX shell: a userId is whatever a puppet says.
 */
export const shellWord = (text: string): string =>
  PLAIN.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
