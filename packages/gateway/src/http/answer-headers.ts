/** What every JSON answer carries: a token may stand in the URL, so nobody may keep the answer or pass the URL on. */
export const answerHeaders = (requestId: string): Record<string, string> => ({
  'content-type': 'application/json; charset=utf-8',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-request-id': requestId,
})
