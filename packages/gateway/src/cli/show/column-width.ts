import { madeOnce } from '../../system/made-once.ts'

/** How many terminal columns a text takes: a Chinese character or an emoji takes two, a combining mark none. */
export const columnWidth = (text: string): number => {
  let width = 0
  for (const { segment } of graphemesOf(text)) width += graphemeWidth(segment)
  return width
}

/** Cuts a text to `columns`, never through a character; a cut text ends in `…`. */
export function cutToColumns(text: string, columns: number): string {
  if (columnWidth(text) <= columns) return text
  let kept = ''
  let width = 0
  for (const { segment } of graphemesOf(text)) {
    width += graphemeWidth(segment)
    if (width > columns - 1) break
    kept += segment
  }
  return `${kept}…`
}

/**
 * Breaks a text into lines of at most `columns`: at spaces, and between Chinese characters, which have none. What has no such
 * place within a line, an id or a URL, stays whole, so that it can be copied. Infinity breaks nothing but at its own line breaks.
 */
export function foldToColumns(text: string, columns: number): string[] {
  return text.split('\n').flatMap(line => foldLine(line, columns))
}

function foldLine(text: string, columns: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const piece of piecesOf(text)) {
    if (line !== '' && columnWidth((line + piece).trimEnd()) > columns) {
      lines.push(line.trimEnd())
      line = piece.trimStart()
    } else line += piece
  }
  return [...lines, line.trimEnd()]
}

/** What stays together: a word with the spaces behind it, or one wide character with the marks that may not begin a line. */
function piecesOf(text: string): string[] {
  const pieces: string[] = []
  let before: 'space' | 'wide' | 'word' | undefined
  for (const { segment } of graphemesOf(text)) {
    const kind = segment.trim() === '' ? 'space' : graphemeWidth(segment) === 2 ? 'wide' : 'word'
    const joins = kind === 'space' || CLOSING.has(segment) || (kind === 'word' && before === 'word')
    if (joins && before !== undefined) pieces.push(pieces.pop()! + segment)
    else pieces.push(segment)
    before = kind
  }
  return pieces
}

/** What of a text cannot be folded takes so many columns. */
export const widestPiece = (text: string): number =>
  Math.max(0, ...piecesOf(text).map(piece => columnWidth(piece.trimEnd())))

const CLOSING: ReadonlySet<string> = new Set('、，。；：！？）」』》…,.;:!?)')

/**
 * Makes a text harmless for a terminal. Topics and nicknames are strangers' text: an escape sequence in one could
 * recolour, retitle or overwrite the operator's screen, and a bidi override could turn a line around.
 */
export const plainText = (text: string): string => text.replace(UNPRINTABLE, '\uFFFD')

/** The same for a text of several lines that are our own. */
export const plainLines = (text: string): string => text.split('\n').map(plainText).join('\n')

// Reading its tables takes longer than many a command.
const segmenter = madeOnce(() => new Intl.Segmenter('zh', { granularity: 'grapheme' }))
const graphemesOf = (text: string): Intl.Segments => segmenter().segment(text)

// Controls, line and paragraph separators, lone surrogates, and the bidi controls. A zero-width joiner stays: emoji need it.
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu

// Unicode's East Asian Wide and Fullwidth, as far as chat names use them: scripts, their punctuation, full-width forms.
const WIDE =
  /^[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}\p{Emoji_Presentation}\u3000-\u303E\u30FB-\u30FC\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6]/u
// A character that is text by itself and becomes an emoji by the selector after it, such as ❤️.
const EMOJI_BY_SELECTOR = /^\p{Emoji}\uFE0F/u
const NO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}]/u

const graphemeWidth = (grapheme: string): 0 | 1 | 2 => {
  if (WIDE.test(grapheme) || EMOJI_BY_SELECTOR.test(grapheme)) return 2
  return NO_WIDTH.test(grapheme) ? 0 : 1
}
