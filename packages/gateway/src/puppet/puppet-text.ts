/**
 * How much of what a puppet says is taken. A puppet is a program of somebody else's: nothing but these bounds keeps a
 * name of 5 MB out of the store, of every list and of every callback. And in SQLite a row that is found by its key is read
 * whole: saving 20,000 members beside a topic of 20 MB took 47 s of the event loop, nearly all of it copying the topic.
 *
 * What people read is cut. What names something (an id, an address) is never cut, for a piece of it names something else:
 * too long, it is as if the puppet had not said it.
 */
import { cleanText } from '@qunhub/wire'

/** Of names of people and corporations, and of remarks. WeCom's own limits are 20 to 100 characters. */
export const NAME_CODE_POINTS_MAX = 128
/** A room may be created under a name of 256 (CR), by which it is looked for afterwards. */
export const TOPIC_CODE_POINTS_MAX = 256
/** Of an id, as the wire has it. */
const ID_CHARACTERS_MAX = 128
/** WeCom's have 100 to 200 characters. */
const URL_CHARACTERS_MAX = 1024

/** A text that is shown to people: clean (G-5), and cut where it is too long. */
export const shownText = (text: string, codePointsMax = NAME_CODE_POINTS_MAX): string =>
  cleanText(cut(text, codePointsMax))

/** A name, or null: the protocol has no null, what is missing arrives as ''. */
export const shownOrNull = (text: string): string | null => (text === '' ? null : shownText(text))

/** An id that is no one of the wire's own kinds; null when there is none, or none that can be one. */
export const idOrNull = (text: string): string | null =>
  text === '' || text.length > ID_CHARACTERS_MAX ? null : cleanText(text)

/** The address of a picture; empty when there is none, or none that can be one. */
export const urlOf = (text: string): string => (text.length > URL_CHARACTERS_MAX ? '' : cleanText(text))

/** Between two code points, never in the middle of one. */
function cut(text: string, codePointsMax: number): string {
  if (text.length <= codePointsMax) return text
  let end = 0
  for (let count = 0; count < codePointsMax && end < text.length; count++)
    end += text.codePointAt(end)! > 0xffff ? 2 : 1
  if (end === text.length) return text
  // A slice keeps the whole text in memory for as long as it lives itself; a copy does not.
  return Buffer.from(text.slice(0, end)).toString()
}
