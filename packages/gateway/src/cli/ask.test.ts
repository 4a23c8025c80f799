import { cp, link, mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { type Desk, openDesk } from '@qunhub/testing/grounds/open-desk.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openStore } from '../store/database/open-store.ts'
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

describe('a copy of the data directory of a gateway that runs', () => {
  const workspacesOf = async (dataDir: string) => {
    const { stdout, stderr } = await desk.cli('workspace list --json', { QUNHUB_DATA_DIR: dataDir })
    expect(stderr).toBe('')
    return (JSON.parse(stdout) as { workspaces: { name: string }[] }).workspaces.map(({ name }) => name)
  }

  test('CLI-37 a command on it works on the copy, and the original neither hears nor shows it', async () => {
    await desk.openDoor()
    await desk.cli('workspace add 原件')
    const copy = `${desk.dataDir}-copy`
    await cp(desk.dataDir, copy, { recursive: true, preserveTimestamps: true })
    // What only a gateway can do is refused there, and says so.
    const sync = await desk.cli('bot sync x', { QUNHUB_DATA_DIR: copy })
    expect(sync).toMatchObject({ exitCode: 1 })
    const added = await desk.cli('workspace add 副本', { QUNHUB_DATA_DIR: copy })
    expect(added).toMatchObject({ exitCode: 0, stderr: '' })
    expect(await workspacesOf(desk.dataDir)).toEqual(['原件'])
    expect(await workspacesOf(copy)).toEqual(['原件', '副本'])
  })

  test('CLI-37 one made of hard links has the original’s store, and is refused', async () => {
    await desk.openDoor()
    await desk.cli('workspace add 原件')
    const copy = `${desk.dataDir}-linked`
    await mkdir(copy)
    for (const name of await readdir(desk.dataDir)) await link(join(desk.dataDir, name), join(copy, name))
    const { exitCode, stderr } = await desk.cli('workspace add 副本', { QUNHUB_DATA_DIR: copy })
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining(copy) })
    expect(await workspacesOf(desk.dataDir)).toEqual(['原件'])
  })

  test('CLI-37 a link to the directory and a new name of it lead to its gateway', async () => {
    await desk.openDoor()
    const linked = `${desk.dataDir}-link`
    await symlink(desk.dataDir, linked)
    expect(await desk.cli('workspace add 经由链接', { QUNHUB_DATA_DIR: linked })).toMatchObject({
      exitCode: 0,
    })
    const moved = `${desk.dataDir}-moved`
    await rename(desk.dataDir, moved)
    // It is asked, and writes nothing while its files are not where it has opened them (ST-142).
    expect(await workspacesOf(moved)).toEqual(['经由链接'])
    expect(await desk.cli('workspace add 改名之后', { QUNHUB_DATA_DIR: moved })).toMatchObject({
      exitCode: 1,
    })
    await rename(moved, desk.dataDir)
    expect(await desk.cli('workspace add 改回之后')).toMatchObject({ exitCode: 0 })
  })

  test('CLI-37 a command in it is not named as the holder of the other one', async () => {
    const copy = `${desk.dataDir}-copy`
    await desk.cli('workspace add 原件')
    await leaveHolderNote(desk.dataDir, { pid: process.pid, command: 'migrate' })
    await cp(desk.dataDir, copy, { recursive: true })
    const store = await openStore({ dataDir: copy })
    const { exitCode, stderr } = await desk.cli('workspace list', { QUNHUB_DATA_DIR: copy })
    await store.close()
    expect(exitCode).toBe(1)
    expect(stderr).not.toContain(`process ${process.pid}`)
  })
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
  const runs = await Promise.all(['乙', '丙', '丁'].map(name => desk.cliProcess(`workspace add ${name}`)))
  for (const { exitCode, stderr } of runs) {
    if (exitCode !== 0) expect(stderr).toMatch(/正被.*进程/)
  }
  const carriedOut = runs.filter(run => run.exitCode === 0).length
  expect(carriedOut).toBeGreaterThan(0)
  expect((await desk.json('list-workspaces', 'workspace list')).workspaces).toHaveLength(1 + carriedOut)
})
