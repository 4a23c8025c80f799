/**
 * A name as people see it: blanks at its ends and between its words are nothing that anybody could type back, be they two spaces, a
 * line break, or a mark without width that a phone has put there.
 */
const visible = (name: string): string =>
  name
    .normalize('NFC')
    .replace(/[\s\u200B\u200C\u2060\uFEFF\u200E\u200F]+/g, ' ')
    .trim()

/** What is typed before something is lost: its name, or its id where nobody sees a name. */
export const toConfirm = (name: string, id: string): string => visible(name) || id

/** Whether what was typed is the name that is asked for, as people see it. */
export const isConfirmed = (typed: string, name: string): boolean => visible(typed) === visible(name)
