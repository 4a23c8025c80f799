/** What the console does is a verb of the one door: here it is as a line of the command line, and of the management API. */

interface Declared {
  readonly command: string
  readonly byToken: boolean
  /** By field: what is typed where its value stands. */
  readonly kinds: Readonly<Record<string, 'flag' | 'switch' | 'time' | 'other'>>
  readonly secrets: readonly string[]
}

const WORD = /^[\w:./-]+$/
const shellWord = (text: string): string => (WORD.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)
const option = (field: string): string => `--${field.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`

/** `qunhub callback replay 42 43`: secrets are read from a file, as the command line wants it. */
export function commandLine(declared: Declared, input: Readonly<Record<string, unknown>>): string {
  const words = declared.command.split(' ')
  const standing = words.filter(word => /^[<[]/.test(word)).map(word => word.replace(/[<>[\].]/g, ''))
  const given = Object.entries(input).filter(([, value]) => value !== undefined)
  const options = given
    .filter(([field]) => !standing.some(name => name === field || name === `${field}...`))
    .flatMap(([field, value]) => optionOf(field, value, declared))
  const values = standing.flatMap(field => [input[field]].flat().filter(value => value !== undefined))
  return [
    'qunhub',
    ...words.filter(word => !/^[<[]/.test(word)),
    ...values.map(value => shellWord(String(value))),
    ...options,
  ].join(' ')
}

function optionOf(field: string, value: unknown, { kinds, secrets }: Declared): string[] {
  if (secrets.includes(field)) return [`${option(field)}-file`, '…']
  if (kinds[field] === 'flag') return value === true ? [option(field)] : []
  if (kinds[field] === 'switch') return [option(field), value === true ? 'on' : 'off']
  if (kinds[field] === 'time') return [option(field), new Date(Number(value)).toISOString()]
  return [value].flat().flatMap(each => [option(field), shellWord(String(each))])
}

/** Undefined where no token opens the verb. The token says which workspace is meant. */
export function apiLine(
  base: string,
  verb: string,
  { byToken, secrets }: Declared,
  input: Readonly<Record<string, unknown>>,
): string | undefined {
  if (!byToken) return undefined
  const { workspace: _, ...rest } = input
  const shown = Object.fromEntries(
    Object.entries(rest).map(([field, value]) => [field, secrets.includes(field) ? '…' : value]),
  )
  return `curl -X POST ${base}/manage/${verb} -H 'Authorization: Bearer …' -d ${shellWord(JSON.stringify(shown))}`
}
