/** A query string as fields: of a repeated key the first one wins (G-7). */
export function readQuery(query: string): Record<string, string> {
  const fields: Record<string, string> = Object.create(null)
  for (const [key, value] of new URLSearchParams(query)) fields[key] ??= value
  return fields
}
