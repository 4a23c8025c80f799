export interface ControlAnswer {
  status: number
  // Whatever the API said; a test compares it with what it expects.
  body: Record<string, unknown>
  headers: Headers
}

/** Asks the control API as any program would. */
export async function control(
  url: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<ControlAnswer> {
  const response = await fetch(url + path, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  return {
    status: response.status,
    body: (await response.json()) as Record<string, unknown>,
    headers: response.headers,
  }
}
