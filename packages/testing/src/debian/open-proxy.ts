/** HAProxy or nginx before some nodes, by the very files of `deploy/proxy/`: nothing but addresses and paths is replaced. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { eventually } from '../eventually.ts'
import { freePort } from '../processes/node-process.ts'
import { giveTo, runAsNobody } from '../processes/run-as.ts'
import { VOUCHED_FOR } from '../receivers/own-authority.ts'
import { openProgram } from './program-process.ts'

const FILES = resolve(import.meta.dirname, '../../../../deploy/proxy')
/** In the files, in the order of the nodes. */
const ADDRESSES = ['172.30.77.11:3000', '172.30.77.12:3000']
export type ProxyKind = 'haproxy' | 'nginx'

export interface OpenedProxy {
  /** `https://127.0.0.1:port`, with a certificate of the tests' own authority. */
  readonly baseUrl: string
  /** Everything that it wrote down. */
  log(): Promise<string>
  /** Sends nothing more to a node, as an operator does before it stops; HAProxy sees by itself. */
  take(node: number, out: 'out' | 'in'): Promise<void>
  close(): Promise<void>
}

export async function openProxy(
  kind: ProxyKind,
  nodes: readonly string[],
  basePath = '',
): Promise<OpenedProxy> {
  const folder = await mkdtemp(join(tmpdir(), `qunhub-${kind}-`))
  const port = await freePort()
  const as = await runAsNobody()
  const file = join(folder, kind === 'nginx' ? 'nginx.conf' : 'haproxy.cfg')
  const access = join(folder, 'access.log')
  const original = await readFile(join(FILES, kind === 'nginx' ? 'nginx.conf' : 'haproxy.cfg'), 'utf8')
  let text = original
    .replaceAll(/\/run\/secrets\/|\/tmp\//g, `${folder}/`)
    .replace('/dev/stdout', access)
    .replace('GET /ready', `GET ${basePath}/ready`)
    .replace(/listen 8443|bind :8443/, listen => listen.replace(/:?8443/, `127.0.0.1:${port}`))
  ADDRESSES.forEach((address, at) => {
    text = text.replaceAll(address, new URL(nodes[at]!).host)
  })
  await writeFile(file, text)
  await writeFile(join(folder, 'tls_certificate'), VOUCHED_FOR.cert)
  await writeFile(join(folder, 'tls_key'), VOUCHED_FOR.key)
  await writeFile(join(folder, 'tls.pem'), `${VOUCHED_FOR.cert}\n${VOUCHED_FOR.key}`)
  await giveTo(as, folder)
  const args = kind === 'nginx' ? ['-c', file, '-g', 'daemon off;'] : ['-W', '-db', '-f', file]
  const program = openProgram(kind, args, { cwd: folder, as })
  program.start()
  const close = async () => {
    await program.end()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await eventually(`${kind} to listen`, () => {
      if (!program.isRunning) throw new Error(`${kind} ended: ${program.said()}`)
      return listens(port)
    })
  } catch (failure) {
    await close()
    throw failure
  }
  return {
    baseUrl: `https://127.0.0.1:${port}`,
    log: async () => program.said() + (kind === 'nginx' ? await readFile(access, 'utf8') : ''),
    async take(node, out) {
      if (kind === 'haproxy') return
      const sign = join(folder, `gateway-${node + 1}.out`)
      if (out === 'out') await writeFile(sign, '')
      else await rm(sign)
    },
    close,
  }
}

const listens = (port: number): Promise<boolean> =>
  new Promise(done => {
    const probe = connect(port, '127.0.0.1')
    probe.once('connect', () => done(true)).once('error', () => done(false))
    probe.once('close', () => probe.destroy())
    probe.once('connect', () => probe.end())
  })
