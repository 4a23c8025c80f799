/** The bots of every workspace: who is online, who is not, since when, and who hears nothing. */
import { type BotRecord, operatorVerbs, type WorkspaceRecord } from '@qunhub/wire'
import { reasonWords } from '@qunhub/wire/words'
import type { Config } from '../../config/config.ts'
import { ask } from '../ask.ts'
import { type Finding, says } from '../show/report.ts'
import { showTime } from '../show/show-time.ts'
import { ANSWER_MAX_MS, apart, finding } from './say.ts'

/** Beyond so many of one workspace their number is told. */
const ILL_TOLD_MAX = 20

export async function lookAtBots(config: Config, workspace: WorkspaceRecord): Promise<Finding[]> {
  const reply = await ask(config, 'list-bots', { workspace: workspace.id }, ANSWER_MAX_MS)
  const what = says(`机器人 (${workspace.name})`, `bots (${workspace.name})`)
  if (!reply.ok) return [finding('bots', what, 'failed', apart(reply.message))]
  return botFindings(what, operatorVerbs['list-bots'].output.parse(reply.value))
}

export function botFindings(
  what: Finding['what'],
  { live, bots }: { readonly live: boolean; readonly bots: readonly BotRecord[] },
): Finding[] {
  if (bots.length === 0)
    return [
      finding(
        'bots',
        what,
        'warned',
        says('还没有', 'there are none yet'),
        says('qunhub bot add --help', 'qunhub bot add --help'),
      ),
    ]
  // Nobody runs them: what was recorded last says nothing of now.
  if (!live)
    return [
      finding(
        'bots',
        what,
        'unseen',
        says(
          `${bots.length} 个; 网关没有运行, 看不到是否在线`,
          `${bots.length}; no gateway runs, so nobody knows whether they are online`,
        ),
      ),
    ]
  const ill = bots.filter(bot => !isWell(bot))
  const told = ill.slice(0, ILL_TOLD_MAX).map(illness)
  const well = says(`在线 ${bots.length - ill.length} 个`, `online: ${bots.length - ill.length}`)
  return [
    ...(ill.length < bots.length ? [finding('bots', what, 'passed', well)] : []),
    ...told,
    ...(ill.length > told.length
      ? [finding('bots', what, 'failed', says(`共 ${ill.length} 个不正常`, `${ill.length} are not well`))]
      : []),
  ]
}

const isWell = ({ session: { state, deaf, verification } }: BotRecord): boolean =>
  state === 'online' && deaf === null && verification === null

function illness(bot: BotRecord): Finding {
  const { id, account, expectedUserId, session } = bot
  const { state, since, reason, deaf, verification } = session
  const name = account?.nickName || account?.userId || expectedUserId || id
  const what = says(`机器人 ${name}`, `bot ${name}`)
  if (deaf)
    return finding(
      'bot',
      what,
      'failed',
      says(
        `已连上却收不到事件, 自 ${showTime(deaf.since)} 起 (${deaf.stage})`,
        `connected, and no events come since ${showTime(deaf.since)} (${deaf.stage})`,
      ),
      says('重启 puppet 服务, 或联系它的运营方', 'restart its puppet service, or call whoever runs it'),
    )
  const why = apart(reasonWords(reason))
  const seen = says(
    `${verification ? '等待验证, ' : ''}${state}, 自 ${showTime(since)} 起${reason && `: ${why.chinese}`}`,
    `${verification ? 'wants a verification, ' : ''}${state} since ${showTime(since)}${reason && `: ${why.english}`}`,
  )
  // It is on its way, or waits for its first scan.
  const isOnItsWay = state === 'new' || state === 'connecting' || state === 'reconnecting'
  return finding('bot', what, isOnItsWay ? 'warned' : 'failed', seen, NEXT[state]?.(id))
}

const scan = (id: string) => says(`扫码登录: qunhub bot login ${id}`, `scan: qunhub bot login ${id}`)

const NEXT: Partial<Record<BotRecord['session']['state'], (id: string) => Finding['next']>> = {
  'awaiting-scan': scan,
  'logged-out': scan,
  online: scan,
  occupied: () =>
    says('另一个程序占着这个 puppet: 先停掉它', 'another program is connected to this puppet: stop it first'),
  'wrong-account': id =>
    says(
      `退出它: qunhub bot logout ${id}; 或换成它: qunhub bot accept ${id} <userId>`,
      `log it out: qunhub bot logout ${id}; or take it: qunhub bot accept ${id} <userId>`,
    ),
  offline: id =>
    says(
      `核对 puppet 的地址与 token: qunhub bot show ${id}`,
      `check address and token of its puppet: qunhub bot show ${id}`,
    ),
}
