import { rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Desk, openDesk } from '../../testing/open-desk.ts'
import { leaveHolderNote } from './holder-note.ts'

/** Beyond what Linux gives out, so nobody's. */
const DEAD_PID = 2 ** 22 + 1

let desk: Desk

beforeEach(async () => {
  desk = await openDesk()
})
afterEach(() => desk.close())

describe('the note of a gateway that died', () => {
  const note = (fields: object) =>
    writeFile(
      join(desk.dataDir, 'operator.json'),
      JSON.stringify({ secret: 'x', pid: process.pid, ...fields }),
    )

  async function listenAs(server: Server): Promise<number> {
    desk.atEnd(() => new Promise(resolve => server.close(() => resolve())))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    return (server.address() as { port: number }).port
  }

  test.each<[string, () => Promise<void>]>([
    ['its process is gone', async () => note({ port: 9, pid: DEAD_PID })],
    ['nobody listens on its port', async () => note({ port: await freedPort() })],
    ['another program has its port and process id', async () => note({ port: await listenAs(stranger()) })],
    ['it is damaged', () => writeFile(join(desk.dataDir, 'operator.json'), '{"port":')],
    ['it lacks the secret', async () => note({ port: 9, secret: undefined })],
  ])('CLI-19 %s: the store is opened instead', async (_what, leave) => {
    await desk.cli('workspace add 甲')
    await leave()
    expect((await desk.json('list-workspaces', 'workspace list')).workspaces).toHaveLength(1)
  })

  test('CLI-19 a gateway that hears and never answers is not asked twice, and nothing is done behind its back', async () => {
    await desk.cli('workspace add 甲')
    let heard = 0
    const mute = createServer(socket => {
      heard++
      socket.once('data', () => socket.destroy())
    })
    await note({ port: await listenAs(mute) })
    const { exitCode, stderr } = await desk.cli('workspace add 乙')
    expect({ exitCode, heard }).toEqual({ exitCode: 1, heard: 1 })
    expect(stderr).toContain(`进程 ${process.pid}`)
    await rm(join(desk.dataDir, 'operator.json'))
    expect((await desk.json('list-workspaces', 'workspace list')).workspaces).toHaveLength(1)
  })

  const stranger = () =>
    createServer(socket => socket.once('data', () => socket.end('HTTP/1.1 404 No\r\n\r\nhello')))

  async function freedPort(): Promise<number> {
    const server = createServer()
    const port = await listenAs(server)
    await new Promise(resolve => server.close(resolve))
    return port
  }
})

test('CLI-20 a data directory that another command works in is refused, with its process id', async () => {
  await desk.holdDataDir()
  await leaveHolderNote(desk.dataDir, { pid: process.pid, command: 'migrate' })
  const { exitCode, stderr } = await desk.cli('token list')
  expect({ exitCode, stderr }).toEqual({
    exitCode: 1,
    stderr: expect.stringContaining(`in use by process ${process.pid} (qunhub migrate)`),
  })
})

test('CLI-20 where nobody said who holds it, the refusal stays, and what a dead process noted is not repeated', async () => {
  await desk.holdDataDir()
  await leaveHolderNote(desk.dataDir, { pid: DEAD_PID, command: 'migrate' })
  const { exitCode, stderr } = await desk.cli('token list')
  expect(exitCode).toBe(1)
  expect(stderr).toContain('数据目录正被另一个 Qunhub 进程使用')
  expect(stderr).not.toContain(String(DEAD_PID))
})

test('CLI-21 two commands at once: each is carried out or refused, none is lost or half done', async () => {
  await desk.cli('workspace add 甲')
  const runs = await Promise.all(['乙', '丙', '丁'].map(name => desk.cli(`workspace add ${name}`)))
  for (const { exitCode, stderr } of runs) {
    if (exitCode !== 0) expect(stderr).toMatch(/正被.*进程/)
  }
  const carriedOut = runs.filter(run => run.exitCode === 0).length
  expect(carriedOut).toBeGreaterThan(0)
  expect((await desk.json('list-workspaces', 'workspace list')).workspaces).toHaveLength(1 + carriedOut)
})
