import { z } from 'zod'

/**
 * Text as it may travel over the wire and into the store: no NUL (SQLite and PostgreSQL disagree on it)
 * and no lone surrogate (it has no UTF-8 form). Rule G-5.
 */
export const isCleanText = (text: string): boolean => !text.includes('\0') && text.isWellFormed()

/** The same rule for text that we receive from a puppet and cannot refuse: what is unclean is replaced by U+FFFD. */
export const cleanText = (text: string): string => text.toWellFormed().replaceAll('\0', '\uFFFD')

/** A string of at most `lengthMax` characters (Unicode's, as JSON Schema counts them) that obeys the text rule (G-5). */
export const text = (lengthMax: number) => cleanString().max(lengthMax)

/** One of any length. */
export const cleanString = () =>
  z
    .string()
    .refine(isCleanText, { error: '不含 NUL 与半个字符的文本 / text without NUL and lone surrogates' })
