import { z } from 'zod'
import { AlertRobotKind } from './alert-robot-kind.ts'
import { verb } from './door/verb.ts'

export const alertVerbs = {
  'test-alert': verb({
    summary: '向告警地址发一条测试告警 / Send a test alert to the alert address',
    role: 'operator',
    byToken: false,
    command: 'alert test',
    examples: [['试发一条 / send one to try it', 'qunhub alert test']],
    input: z.object({}),
    output: z.object({
      kind: AlertRobotKind,
      answer: z.string().meta({ description: '对方的回答, 不含密钥 / what it answered, without the key' }),
    }),
    refusals: {
      'gateway-not-running':
        '告警由网关发出, 而它没有运行: 先运行 qunhub serve / the gateway sends alerts, and none runs; first run: qunhub serve',
      'alert-unset':
        '未设置 QUNHUB_ALERT_URL: 告警只记日志和指标; 设置后重启网关 / QUNHUB_ALERT_URL is not set, so alerts are log lines and metrics only; set it and restart the gateway',
      'alert-refused':
        '告警地址没有收下, 请核对 QUNHUB_ALERT_URL、QUNHUB_ALERT_KIND、QUNHUB_ALERT_SECRET 与机器人的设置 / the alert address did not take it; check QUNHUB_ALERT_URL, QUNHUB_ALERT_KIND, QUNHUB_ALERT_SECRET and how the robot is set up',
      'alert-timeout': '告警地址 5 秒内没有回答 / the alert address did not answer within 5 s',
      'alert-address-refused':
        '告警地址不是公网地址: 把它的地址段加入 QUNHUB_ALERT_ALLOW_CIDRS 并重启网关 / the alert address is no public one: put its range into QUNHUB_ALERT_ALLOW_CIDRS and restart the gateway',
      'alert-unreachable':
        '连不上告警地址, 或连接中断 / the alert address could not be reached, or the connection broke',
    },
  }),
} as const
