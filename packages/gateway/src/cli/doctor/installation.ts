import type { Config } from '../../config/config.ts'
import { inParallel } from '../../puppet/bounded-parallel.ts'
import type { Shell } from '../shell.ts'
import type { LongWork } from '../show/long-work.ts'
import { type Finding, says } from '../show/report.ts'
import { lookAtAddress } from './addresses-check.ts'
import { asRunning } from './as-running.ts'
import { lookAtBots } from './bots-check.ts'
import { lookAtDirectory } from './directory-check.ts'
import { lookAtPorts } from './ports-check.ts'
import { lookAtPublicUrl } from './public-url-check.ts'
import { failureSeen, finding } from './say.ts'
import { lookAtSettings } from './settings-check.ts'
import { lookAtStore, type StoreSeen } from './store-check.ts'

/** Of more, somebody who has so many has a monitor; it would take long, too. */
const WORKSPACES_MAX = 100
const ADDRESSES_AT_ONCE_MAX = 8

/** This installation from below: settings, directory, public address, store, ports, then the bots and addresses of every workspace. */
export async function lookAtInstallation(
  env: Shell['env'],
  dataDir: string | undefined,
  work: LongWork,
): Promise<Finding[]> {
  const { config, findings } = await lookAtSettings(env, dataDir)
  if (!config) return findings
  findings.push(...(await lookAtDirectory(config, env)))
  findings.push(...(await lookAtPublicUrl(config)))
  work.now('询问网关 asking the gateway')
  const store = await lookAtStore(config, env, work)
  findings.push(...store.findings, ...(await lookAtPorts(config, store.door, env)))
  return [...findings, ...(await lookAtWorkspaces(asRunning(config, store.door), store, env, work))]
}

async function lookAtWorkspaces(
  config: Config,
  { workspaces, door }: StoreSeen,
  env: Shell['env'],
  work: LongWork,
): Promise<Finding[]> {
  if (workspaces === null)
    return [
      finding(
        'bots',
        says('机器人与回调地址', 'bots and callback bases'),
        'skipped',
        says('数据库问不到', 'the store could not be asked'),
      ),
    ]
  const looked = workspaces.slice(0, WORKSPACES_MAX)
  work.now(`查看机器人与回调地址 looking at bots and addresses (${looked.length})`)
  const found = new Map<string, Finding[]>()
  // One command at a time works in the directory where no gateway does.
  const atOnce = config.databaseUrl || door ? ADDRESSES_AT_ONCE_MAX : 1
  const look = async (workspace: (typeof looked)[number]) => {
    try {
      const both = [...(await lookAtBots(config, workspace)), ...(await lookAtAddress(config, workspace))]
      found.set(workspace.id, both)
    } catch (failure) {
      const what = says(`工作区 ${workspace.name}`, `workspace ${workspace.name}`)
      found.set(workspace.id, [finding('workspace', what, 'failed', failureSeen(failure, env))])
    }
  }
  for await (const _ of inParallel(looked, atOnce, look));
  return [
    ...looked.flatMap(({ id }) => found.get(id) ?? []),
    ...(workspaces.length > looked.length ? [tooMany(workspaces.length)] : []),
  ]
}

const tooMany = (count: number): Finding =>
  finding(
    'workspaces',
    says('工作区', 'workspaces'),
    'skipped',
    says(
      `共 ${count} 个, 只看了前 ${WORKSPACES_MAX} 个`,
      `${count}; the first ${WORKSPACES_MAX} were looked at`,
    ),
  )
