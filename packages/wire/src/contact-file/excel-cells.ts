/** What a spreadsheet makes of an id before it is saved as text. */

/** Blanks, and what nobody sees: marks of direction are among it, which come along where an id is copied from a page or a chat. */
const UNSEEN = '\\s\\u200B-\\u200F\\u202A-\\u202E\\u2060\\u2066-\\u2069\\uFEFF'
const UNSEEN_AROUND = new RegExp(`^[${UNSEEN}]+|[${UNSEEN}]+$`, 'g')
const SEEN = new RegExp(`[^${UNSEEN}]`)

/** Whether there is nothing to be seen in it. */
export const isBlank = (text: string): boolean => !SEEN.test(text)

/**
 * The id as it stood in the cell, where nothing of it is lost: without the apostrophe or the formula that marks it as text, without the
 * `.0` of a number, and without commas between thousands.
 */
export function idInCell(cell: string): string {
  const bare = cell.replace(UNSEEN_AROUND, '')
  const marked = /^="(.*)"$/.exec(bare)?.[1] ?? bare.replace(/^['‘’](?=.)/, '')
  const digits = /^\d{1,3}(,\d{3})+$/.test(marked) ? marked.replaceAll(',', '') : marked
  const [, whole] = /^(\d+)\.0+$/.exec(digits) ?? []
  return whole !== undefined && Number.isSafeInteger(Number(whole)) ? whole : digits
}

/** Whether it is a number whose last digits are gone, such as 7.88130E+15. */
export const isRounded = (id: string): boolean => /^\d([.,]\d+)?E\+?\d+$/i.test(id)

/** Of numbers with more than 15 digits Excel keeps the first 15 and writes 0 behind them; a tenth of all ids end in 0 anyway. */
export const mayBeRounded = (id: string): boolean => /^\d{15}0+$/.test(id)
