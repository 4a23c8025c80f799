import { z } from 'zod'
import type { BothLanguages } from '../complaint.ts'
import { splitWords } from '../model/words.ts'

/** What a field of a verb's input is, in both languages: for forms, help and documents. Undefined where nobody has said it. */
export function fieldWords(field: z.ZodType): BothLanguages | undefined {
  if (field.description !== undefined) return splitWords(field.description)
  // A field that may stay away is what it is within.
  if (field instanceof z.ZodOptional || field instanceof z.ZodDefault)
    return fieldWords(field.unwrap() as z.ZodType)
  return undefined
}
