/** A number of JSON as it is written: JavaScript keeps 53 bits of it only. */
export class WrittenNumber {
  readonly written: string
  constructor(written: string) {
    this.written = written
  }
}

type Reviver = (this: unknown, key: string, value: unknown, context?: { readonly source?: string }) => unknown

const keepNumbers: Reviver = (_key, value, context) =>
  typeof value === 'number' ? new WrittenNumber(context?.source ?? String(value)) : value

/** A body as a tree to look at; undefined where it is no JSON. */
export function parseBody(body: string): unknown {
  try {
    return JSON.parse(body, keepNumbers as (key: string, value: unknown) => unknown)
  } catch (failure) {
    if (failure instanceof SyntaxError) return undefined
    throw failure
  }
}

/** The topic that a body of ours names. */
export function topicOf(body: string): string | undefined {
  const parsed = parseBody(body)
  const topic = parsed instanceof Object && 'topic' in parsed ? parsed.topic : undefined
  return typeof topic === 'string' && topic !== '' ? topic : undefined
}

export interface Difference {
  readonly path: string
  readonly before: string
  readonly after: string
}
/** More of them are no difference any more, but another body. */
const DIFFERENCES_MAX = 200

/** Where two bodies differ, by the path to each place. */
export function differences(before: unknown, after: unknown, path = ''): Difference[] {
  if (isNested(before) && isNested(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)])
    return [...keys]
      .flatMap(key => differences(at(before, key), at(after, key), path === '' ? key : `${path}.${key}`))
      .slice(0, DIFFERENCES_MAX)
  }
  const [was, is] = [written(before), written(after)]
  return was === is ? [] : [{ path, before: was, after: is }]
}

const at = (nested: object, key: string): unknown =>
  Object.hasOwn(nested, key) ? (nested as Record<string, unknown>)[key] : undefined

export const isNested = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !(value instanceof WrittenNumber)

/** One value as JSON writes it. */
export function written(value: unknown): string {
  if (value instanceof WrittenNumber) return value.written
  if (value === undefined) return '—'
  return JSON.stringify(value, (_key, within) => (within instanceof WrittenNumber ? within.written : within))
}
