import type { StepRecord } from '@qunhub/wire'
import type { Column } from './table.ts'

const VERDICTS: Readonly<Record<StepRecord['verdict'], string>> = {
  passed: '✓ 通过 passed',
  warned: '! 注意 warned',
  failed: '✗ 不通 failed',
  unseen: '? 看不到 unseen',
}

const STEPS: Readonly<Record<string, string>> = {
  discovery: '发现服务 discovery',
  name: '域名 name',
  connection: '连接 connection',
  certificate: '证书 certificate',
  puppet: 'puppet',
  account: '账号 account',
  unsigned: '没有签名的 unsigned',
  signed: '签名的 signed',
  latency: '应答时间 latency',
  duplicate: '重复 duplicate',
  order: '次序 order',
}

/** How somebody sees the steps of a look at an address. */
export const stepColumns: readonly Column<StepRecord>[] = [
  { title: '结果 result', cell: ({ verdict }) => VERDICTS[verdict] },
  { title: '步骤 step', cell: ({ step }) => STEPS[step] ?? step, whole: true },
  { title: '毫秒 ms', cell: ({ ms }) => ms },
  { title: '所见 seen', cell: ({ said }) => said, whole: true },
]
