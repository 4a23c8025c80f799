import { z } from 'zod'

/** A field of a request or a body, as documents list it. */
export interface DescribedField {
  /** From the outermost on, `[]` behind what there may be several of: `data[].botInfo.wxid`. */
  readonly name: string
  readonly isRequired: boolean
  /** Of JSON Schema; several where it may be of several. */
  readonly types: readonly string[]
  /** Chinese first, English second; empty where the name says it. */
  readonly words: string
}

/** The fields of an object in the order in which they stand in it, each followed by those that it has inside. */
export function describeFields(schema: z.ZodType): DescribedField[] {
  const whole = z.toJSONSchema(schema, { io: 'input', reused: 'inline', unrepresentable: 'any' })
  const named = whole.$defs ?? {}
  return fieldsOf(follow(whole, named), '', named)
}

type Field = z.core.JSONSchema.JSONSchema
type Named = Readonly<Record<string, Field>>

const fieldsOf = (
  { properties = {}, required = [] }: Field,
  before: string,
  named: Named,
): DescribedField[] =>
  Object.entries(properties).flatMap(([key, given]) => {
    if (typeof given === 'boolean') return []
    const field = follow(given, named)
    const name = before + key
    return [
      { name, isRequired: required.includes(key), types: typesOf(field), words: wordsOf(field) },
      ...[field, ...variantsOf(field)].flatMap(each => fieldsInside(each, name, named)),
    ]
  })

const fieldsInside = (field: Field, name: string, named: Named): DescribedField[] => {
  const { items } = field
  if (items && typeof items === 'object' && !Array.isArray(items))
    return fieldsOf(follow(items, named), `${name}[].`, named)
  return fieldsOf(field, `${name}.`, named)
}

/** A schema with a name of its own stands elsewhere; what is said here goes before what is said there. */
const follow = (field: Field, named: Named): Field => {
  const { $ref, ...rest } = field
  return $ref === undefined ? field : { ...named[$ref.replace('#/$defs/', '')], ...rest }
}

const variantsOf = ({ anyOf = [] }: Field): Field[] => anyOf.filter(each => typeof each !== 'boolean')

const typesOf = (field: Field): string[] => {
  const own = [field.type ?? []].flat()
  return [...new Set([...own, ...variantsOf(field).flatMap(typesOf)])].filter(type => type !== 'null')
}

const wordsOf = (field: Field): string =>
  field.description ?? variantsOf(field).map(wordsOf).find(Boolean) ?? ''
