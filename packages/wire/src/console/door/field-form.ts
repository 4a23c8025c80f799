import { z } from 'zod'
import type { BothLanguages } from '../../complaint.ts'
import { splitWords } from '../../model/words.ts'

/**
 * What stands for a value where it is to be typed, such as `host:port`, and is said neither by its type nor by the field's name;
 * and whether nobody should look on as it is typed.
 */
export const typedAs = z.registry<{ readonly value: string; readonly isSecret?: true }>()

/** A field of a verb's input as something to fill in: options of a command, inputs of a form. */
export interface FieldForm {
  /**
   * `flag`: it is there or not. `switch`: on or off. `time`: milliseconds, typed as a time. `name`: a number, or else text.
   * `record`: no one line of text can say it.
   */
  readonly kind: 'text' | 'number' | 'time' | 'name' | 'flag' | 'switch' | 'record'
  readonly isList: boolean
  readonly isRequired: boolean
  /** What it is where it stays away; undefined where that is nothing. */
  readonly fallback: unknown
  /** What stands for the value: `count`, `host:port`; empty where its field's name does. */
  readonly value: string
  /** Nobody should look on as it is typed, and it is never shown. */
  readonly isSecret: boolean
  /** All that it may be, where these can be counted. */
  readonly choices: readonly string[]
}

/** How a field is filled in, from its schema. */
export function fieldForm(field: z.ZodType): FieldForm {
  if (field instanceof z.ZodOptional) return { ...fieldForm(field.unwrap() as z.ZodType), isRequired: false }
  if (field instanceof z.ZodDefault) {
    const within = fieldForm(field.unwrap() as z.ZodType)
    return { ...within, isRequired: false, fallback: field.def.defaultValue }
  }
  if (field instanceof z.ZodArray) return { ...fieldForm(field.element as z.ZodType), isList: true }
  const { value = '', isSecret = false } = typedAs.get(field) ?? {}
  const one = { isList: false, isRequired: true, fallback: undefined, choices: [], value, isSecret }
  switch (field.def.type) {
    case 'boolean':
      return value === '' ? { ...one, kind: 'flag' } : { ...one, kind: 'switch', choices: value.split('|') }
    case 'number':
      return { ...one, kind: value === 'time' ? 'time' : 'number', value: value || 'count' }
    case 'enum':
    case 'literal':
      return { ...one, kind: 'text', choices: choicesOf(field) }
    case 'union':
      return { ...one, kind: 'name' }
    case 'object':
      return { ...one, kind: 'record' }
    default:
      return { ...one, kind: 'text' }
  }
}

const choicesOf = (field: z.ZodType): string[] =>
  (field instanceof z.ZodEnum ? field.options : field instanceof z.ZodLiteral ? [...field.values] : []).map(
    String,
  )

/** What a field of a verb's input is, in both languages: for forms, help and documents. Undefined where nobody has said it. */
export function fieldWords(field: z.ZodType): BothLanguages | undefined {
  if (field.description !== undefined) return splitWords(field.description)
  // A field that may stay away is what it is within.
  if (field instanceof z.ZodOptional || field instanceof z.ZodDefault)
    return fieldWords(field.unwrap() as z.ZodType)
  return undefined
}
