import { z } from 'zod'

/** A field of a request or a body, as documents list it. */
export interface DescribedField {
  readonly name: string
  readonly isRequired: boolean
  /** Of JSON Schema; several where it may be of several. */
  readonly types: readonly string[]
  /** Chinese first, English second; empty where the name says it. */
  readonly words: string
}

/** The fields of an object, in the order in which they stand in it. */
export function describeFields(schema: z.ZodType): DescribedField[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, {
    io: 'input',
    reused: 'inline',
    unrepresentable: 'any',
  })
  return Object.entries(properties).flatMap(([name, field]) =>
    typeof field === 'boolean'
      ? []
      : [{ name, isRequired: required.includes(name), types: typesOf(field), words: wordsOf(field) }],
  )
}

type Field = z.core.JSONSchema.JSONSchema

const variantsOf = ({ anyOf = [] }: Field): Field[] => anyOf.filter(each => typeof each !== 'boolean')

const typesOf = (field: Field): string[] => {
  const own = [field.type ?? []].flat()
  return [...new Set([...own, ...variantsOf(field).flatMap(typesOf)])].filter(type => type !== 'null')
}

const wordsOf = (field: Field): string =>
  field.description ?? variantsOf(field).map(wordsOf).find(Boolean) ?? ''
