import { createServer, type Socket } from 'node:net'

/** A server that speaks just enough of PostgreSQL's protocol to be refused, or to refuse. */
export interface UnfitServer {
  /** With a user `qunhub` and the password `geheim`. */
  readonly url: string
  close(): Promise<void>
}

/**
 * `settings` are what it says of itself, in the order in which it is asked, and `columns` what these are called; with `refuses` it
 * lets nobody in and says that SQLSTATE, and `says` with it. With `wantsPassword` it asks for one, and goes no further.
 */
export async function openUnfitServer({
  settings = [],
  columns = ['version', 'encoding', 'pid'],
  at = '127.0.0.1:0',
  refuses,
  says = 'no',
  wantsPassword = false,
}: {
  settings?: readonly string[]
  columns?: readonly string[]
  /** `host:port` to listen at. */
  at?: string
  refuses?: string
  says?: string
  wantsPassword?: boolean
}): Promise<UnfitServer> {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    let greeted = false
    socket.on('data', () => {
      if (greeted && wantsPassword) return void socket.write(message('R', '\0\0\0\x0br=x,s=c2FsdA==,i=4096'))
      if (greeted) return void socket.write(Buffer.concat([row(settings, columns), ready]))
      greeted = true
      if (wantsPassword) socket.write(message('R', '\0\0\0\x0aSCRAM-SHA-256\0\0'))
      else if (refuses) socket.end(message('E', `SFATAL\0C${refuses}\0M${says}\0\0`))
      else socket.write(Buffer.concat([message('R', '\0\0\0\0'), ready]))
    })
  })
  await new Promise<void>(resolve => server.listen(Number(at.split(':')[1]), '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return {
    url: `postgres://qunhub:geheim@127.0.0.1:${port}/old`,
    close() {
      for (const socket of sockets) socket.destroy()
      return new Promise(resolve => server.close(() => resolve()))
    },
  }
}

/** https://www.postgresql.org/docs/15/protocol-message-formats.html */
function message(kind: string, content: string | Buffer): Buffer {
  const bytes = Buffer.from(content)
  const length = Buffer.alloc(4)
  length.writeInt32BE(bytes.length + 4)
  return Buffer.concat([Buffer.from(kind), length, bytes])
}

const ready = message('Z', 'I')

/** One row of texts. */
function row(values: readonly string[], names: readonly string[]): Buffer {
  const count = Buffer.alloc(2)
  count.writeInt16BE(values.length)
  const columns = values.map((_, at) => {
    const rest = Buffer.alloc(18)
    // The type text, of any length.
    rest.writeInt32BE(25, 6)
    rest.writeInt16BE(-1, 10)
    return Buffer.concat([Buffer.from(`${names[at]}\0`), rest])
  })
  const cells = values.map(value => {
    const length = Buffer.alloc(4)
    length.writeInt32BE(Buffer.byteLength(value))
    return Buffer.concat([length, Buffer.from(value)])
  })
  return Buffer.concat([
    message('T', Buffer.concat([count, ...columns])),
    message('D', Buffer.concat([count, ...cells])),
    message('C', 'SELECT 1\0'),
  ])
}
