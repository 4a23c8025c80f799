/**
 * One question for all who ask the same at once. Nobody hears an answer to a question that was put before he asked: whoever
 * comes while one is under way waits for the next, and shares that with the others who wait. So what was changed before
 * somebody asked he sees, and a crowd costs two questions.
 */
export function askTogether<Answer>(ask: (key: string) => Promise<Answer>): (key: string) => Promise<Answer> {
  const underWay = new Map<string, Promise<Answer>>()
  const next = new Map<string, Promise<Answer>>()

  function put(key: string): Promise<Answer> {
    const asked: Promise<Answer> = ask(key).finally(() => {
      if (underWay.get(key) === asked) underWay.delete(key)
    })
    underWay.set(key, asked)
    return asked
  }

  return key => {
    const waiting = next.get(key)
    if (waiting) return waiting
    const before = underWay.get(key)
    if (!before) return put(key)
    const following = before
      // Its failure is for those who asked it.
      .then(
        () => {},
        () => {},
      )
      .then(() => {
        next.delete(key)
        return put(key)
      })
    next.set(key, following)
    return following
  }
}
