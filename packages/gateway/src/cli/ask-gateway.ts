import { request } from 'node:http'
import { OperatorReply, type VerbName } from '@qunhub/wire'
import { type DoorNote, findDoorNote } from '../operator/door-note.ts'
import { MINUTE_MS } from '../system/clock.ts'
import { isAlive } from './holder-note.ts'

/** Long enough for the sync of a bot with thousands of rooms. */
const ANSWER_WAIT_MAX_MS = 5 * MINUTE_MS
const ANSWER_BYTES_MAX = 64 * 1024 * 1024

/** The gateway heard the request, and then no answer came. */
export class GatewayLost extends Error {
  override name = 'GatewayLost'
}

/**
 * Asks the gateway that runs on a data directory through its door. Undefined when none runs there, or only the note of
 * one that died; then nothing was asked. Throws {@link GatewayLost} when the request may have been carried out unseen.
 */
export async function askGateway(
  dataDir: string,
  name: VerbName,
  input: unknown,
  waitMaxMs = ANSWER_WAIT_MAX_MS,
): Promise<OperatorReply | undefined> {
  const door = await findDoorNote(dataDir)
  if (!door || !isAlive(door.pid)) return undefined

  const text = await post(door, `/operator/${name}`, JSON.stringify(input), waitMaxMs)
  if (text === undefined) return undefined

  // After a crash another program may have been given the dead gateway's port and process id. Whoever does not speak
  // as a gateway does, or does not know the secret, is not ours; whether ours is alive the store's lock will tell.
  const reply = readReply(text)
  return reply && !(!reply.ok && reply.refused === 'secret-wrong') ? reply : undefined
}

/** The answer's text, or undefined when nobody listens there. */
const post = (door: DoorNote, path: string, body: string, waitMaxMs: number): Promise<string | undefined> =>
  new Promise((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port: door.port,
        path,
        method: 'POST',
        // One request a process: nothing is kept open that would hold up its end.
        agent: false,
        signal: AbortSignal.timeout(waitMaxMs),
        headers: {
          authorization: `Bearer ${door.secret}`,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
        },
      },
      response => {
        const chunks: Buffer[] = []
        let bytes = 0
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length
          if (bytes > ANSWER_BYTES_MAX) asked.destroy(new Error('the answer is too large'))
          else chunks.push(chunk)
        })
        response.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
        response.once('error', lose)
      },
    )
    const lose = (cause: Error) =>
      reject(
        new GatewayLost(
          `网关 (进程 ${door.pid}) 没有回答, 操作可能已经执行, 请先用 list 命令确认再重试 / ` +
            `the gateway (process ${door.pid}) did not answer and may have done it all the same: look with a list command before you try again`,
          { cause },
        ),
      )
    asked.once('error', failure =>
      (failure as NodeJS.ErrnoException).code === 'ECONNREFUSED' ? resolve(undefined) : lose(failure),
    )
    asked.end(body)
  })

function readReply(text: string): OperatorReply | undefined {
  try {
    return OperatorReply.safeParse(JSON.parse(text)).data
  } catch (failure) {
    if (failure instanceof SyntaxError) return undefined
    throw failure
  }
}
