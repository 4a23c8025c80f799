/** One thing to fill in. */
export interface Field {
  /** As the verb's input has it. */
  readonly name: string
  readonly label: string
  readonly kind: 'text' | 'secret' | 'number' | 'switch' | 'choice'
  readonly hint?: string
  readonly required?: boolean
  readonly choices?: readonly { readonly value: string; readonly label: string }[]
  readonly initial?: string | number | boolean
}

export type Typed = Readonly<Record<string, string | number | boolean>>

/**
 * What is sent of what was typed: an empty field is none, and what stands there as it stood at first need not be said, unless the verb
 * wants it.
 */
export function filledIn(fields: readonly Field[], typed: Typed): Typed {
  return Object.fromEntries(
    fields
      .map(
        ({ name, kind }) =>
          [name, kind === 'text' ? String(typed[name] ?? '').trim() : (typed[name] ?? '')] as const,
      )
      .filter(([, value], at) => value !== '' && (fields[at]?.required || value !== fields[at]?.initial)),
  )
}
