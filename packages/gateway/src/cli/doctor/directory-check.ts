/** Where the data is: whether the directory is there, is this user's to write, closed to others, and has room. */
import { stat, statfs } from 'node:fs/promises'
import type { Config } from '../../config/config.ts'
import { requireDataDir } from '../data-dir.ts'
import type { Shell } from '../shell.ts'
import { type Finding, says } from '../show/report.ts'
import { showBytes } from '../show/show-bytes.ts'
import { failureSeen, finding } from './say.ts'

const DIRECTORY = says('数据目录', 'data directory')
const SPACE = says('磁盘空间', 'disk space')
const SPACE_LOW_BYTES = 1024 ** 3
const SPACE_NONE_BYTES = 100 * 1024 ** 2

export async function lookAtDirectory({ dataDir }: Config, env: Shell['env']): Promise<Finding[]> {
  try {
    await requireDataDir(dataDir, 'work')
  } catch (failure) {
    return [finding('data-directory', DIRECTORY, 'failed', failureSeen(failure, env))]
  }
  const mode = await stat(dataDir).then(
    found => found.mode & 0o777,
    () => null,
  )
  if (mode === null)
    return [
      finding(
        'data-directory',
        DIRECTORY,
        'warned',
        says(`${dataDir} 还不存在`, `${dataDir} does not exist yet`),
        says(
          '路径对吗? 首次启动会新建: qunhub serve',
          'is the path right? the first start makes it: qunhub serve',
        ),
      ),
    ]
  return [directoryFinding(dataDir, mode), spaceFinding(dataDir, await freeBytes(dataDir))]
}

function directoryFinding(dataDir: string, mode: number): Finding {
  const bits = mode.toString(8).padStart(4, '0')
  // Windows has no such bits.
  return (mode & 0o077) === 0 || process.platform === 'win32'
    ? finding('data-directory', DIRECTORY, 'passed', says(`${dataDir}, 可写`, `${dataDir}, may be written`))
    : finding(
        'data-directory',
        DIRECTORY,
        'warned',
        says(`${dataDir} 的权限是 ${bits}, 别人进得去`, `${dataDir} has the mode ${bits}: others may enter`),
        says(`chmod 700 ${dataDir}`, `chmod 700 ${dataDir}`),
      )
}

const freeBytes = async (dataDir: string): Promise<number> => {
  const { bavail, bsize } = await statfs(dataDir)
  return bavail * bsize
}

export function spaceFinding(dataDir: string, free: number): Finding {
  const seen = says(`${dataDir} 所在磁盘剩余 ${showBytes(free)}`, `${showBytes(free)} are free at ${dataDir}`)
  if (free >= SPACE_LOW_BYTES) return finding('disk-space', SPACE, 'passed', seen)
  return finding(
    'disk-space',
    SPACE,
    free < SPACE_NONE_BYTES ? 'failed' : 'warned',
    seen,
    says(
      '清理磁盘, 或把数据目录移到更大的盘; 写满后请求会失败, 已送出的仍会记下',
      'make room, or move the data directory to a larger disk; once it is full requests fail',
    ),
  )
}
