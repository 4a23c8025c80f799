/**
 * The options and arguments of a command, as its verb's fields are declared: their names, what stands for a value, their words
 * and how a value is read. Whatever else is wrong with a value the verb says.
 */
import { type FieldForm, fieldForm, fieldWords, inBoth } from '@qunhub/wire'
import { Argument, InvalidArgumentError, Option } from 'commander'
import type { z } from 'zod'
import { instant } from './read/instant.ts'
import { onOrOff } from './read/on-off.ts'
import { wholeNumber, wholeNumbers } from './read/whole-number.ts'

/** Longer ones are for the shell's completion. */
const CHOICES_CHARACTERS_MAX = 40

/** `--user-id <userId>`; of a field that may be on, off or left as it is, one for each. */
export function fieldOptions(field: string, schema: z.ZodType): Option[] {
  const form = fieldForm(schema)
  const flag = `--${kebab(field)}`
  const words = describe(schema, form)
  if (form.kind === 'flag') {
    const on = new Option(flag, words)
    return form.fallback === undefined
      ? [on, new Option(`--no-${kebab(field)}`, `${flag} 的反面 / the opposite of ${flag}`)]
      : [on]
  }
  const short = field === 'workspace' ? '-w, ' : ''
  const option = new Option(`${short}${flag} <${placeholder(field, form)}>`, words)
  const reader = readerOf(schema, form)
  if (reader) option.argParser(reader)
  option.argChoices = [...form.choices]
  return [option]
}

/** `written` as in the command of the verb: `<tag>`, `[url]`, `<chats...>`. */
export function fieldArgument(written: string, schema: z.ZodType): Argument {
  const form = fieldForm(schema)
  const argument = new Argument(written, describe(schema, form))
  const reader = readerOf(schema, form)
  if (reader) argument.argParser(reader)
  argument.argChoices = [...form.choices]
  return argument
}

const kebab = (field: string): string => field.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)

function placeholder(field: string, { value, choices }: FieldForm): string {
  const all = choices.join('|')
  return value || (all !== '' && all.length <= CHOICES_CHARACTERS_MAX ? all : field)
}

function describe(schema: z.ZodType, { fallback }: FieldForm): string {
  const { chinese = '', english = '' } = fieldWords(schema) ?? {}
  return typeof fallback === 'number' || (typeof fallback === 'string' && fallback !== '')
    ? inBoth({ chinese: `${chinese}, 默认 ${fallback}`, english: `${english}, by default ${fallback}` })
    : inBoth({ chinese, english })
}

/** Undefined where text is what is wanted. */
function readerOf(
  schema: z.ZodType,
  { kind, isList }: FieldForm,
): ((given: string, before: unknown) => unknown) | undefined {
  switch (kind) {
    case 'number':
      return isList ? (given, before) => wholeNumbers(given, before as number[] | undefined) : wholeNumber
    case 'time':
      return instant
    case 'switch':
      return onOrOff
    case 'name':
      return given => numberOrName(given, schema)
    case 'text':
    case 'flag':
    case 'record':
      return undefined
    default:
      return kind satisfies never
  }
}

function numberOrName(given: string, schema: z.ZodType): unknown {
  const read = schema.safeParse(/^\d{1,15}$/.test(given) ? Number(given) : given)
  if (!read.success) throw new InvalidArgumentError(`应为${read.error.issues[0]?.message ?? ''}`)
  return read.data
}
