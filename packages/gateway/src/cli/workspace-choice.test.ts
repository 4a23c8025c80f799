import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Office, openOffice } from '@qunhub/testing/grounds/open-office.ts'
import { runCliHere } from '@qunhub/testing/processes/run-cli-here.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openOperatorDoor } from '../http/doors/operator-door.ts'
import { silentLog } from '../system/log.ts'

let office: Office
let door: Awaited<ReturnType<typeof openOperatorDoor>>
let [first, second] = ['', '']
beforeEach(async () => {
  office = await openOffice()
  door = await openOperatorDoor({ dataDir: office.dataDir, deps: office.deps, log: silentLog })
  first = await office.workspaceNamed('甲')
  second = await office.workspaceNamed('乙')
})
afterEach(async () => {
  await door.close()
  await office.close()
})

const cli = (args: string, env: Record<string, string> = {}) =>
  runCliHere(`${args} --json`, { QUNHUB_DATA_DIR: office.dataDir, ...env })
const workspaceOf = (stdout: string) => (JSON.parse(stdout) as { workspaceId: string }).workspaceId

test('CLI-99 QUNHUB_WORKSPACE says which workspace is meant, by its id or name, and --workspace goes before it', async () => {
  expect(await cli('token issue')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('QUNHUB_WORKSPACE'),
  })
  for (const env of [{ QUNHUB_WORKSPACE: '乙' }, { QUNHUB_WORKSPACE: second }]) {
    expect(workspaceOf((await cli('token issue', env)).stdout)).toBe(second)
    expect(workspaceOf((await cli('token issue --workspace 甲', env)).stdout)).toBe(first)
    expect(workspaceOf((await cli(`token issue -w ${first}`, env)).stdout)).toBe(first)
  }
  expect(await cli('token issue', { QUNHUB_WORKSPACE: '丙' })).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('(丙)'),
  })
  expect(await cli('token issue', { QUNHUB_WORKSPACE: '' })).toMatchObject({ exitCode: 2 })
})

test('CLI-99 what belongs to no workspace takes no notice of it, what asks more than once does', async () => {
  const env = { QUNHUB_WORKSPACE: '丙' }
  expect(await cli('workspace list', env)).toMatchObject({ exitCode: 0 })
  expect(await cli('workspace add 丁', env)).toMatchObject({ exitCode: 0 })
  const file = join(office.dataDir, 'customers.csv')
  await writeFile(file, 'wxid,unionId\n7881300000000001,o1')
  for (const args of ['bot login xiaobei', `contact import ${file}`])
    expect(JSON.parse((await cli(args, env)).stderr), args).toMatchObject({ refused: 'workspace-unknown' })
})
