import { type Agent, request } from 'node:http'

/** The status of an answer that has come whole. */
export const statusOf = (url: string, agent: Agent): Promise<number> =>
  new Promise((resolve, reject) => {
    const asked = request(url, { agent }, answer => {
      answer
        .resume()
        .once('end', () => resolve(answer.statusCode!))
        .once('error', reject)
    })
    asked.once('error', reject).end()
  })
