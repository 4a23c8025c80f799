import { z } from 'zod'
import { BotId, ContactWxid, UserId, WorkspaceId } from '../../model/ids.ts'
import { Counted } from '../counted.ts'
import { instant } from '../door/verb.ts'
import { BotState } from './bot-state.ts'

export const BotAccountRecord = z.object({
  wxid: ContactWxid,
  userId: UserId,
  nickName: z.string(),
  kind: z.enum(['wecom', 'wechat']),
})

const reason = () =>
  z.string().meta({ description: '为何离线等; 无则为空 / why it is so; empty where there is nothing to say' })

const VerificationKind = z.enum(['scan', 'code', 'slide'])

const BotSessionRecord = z.object({
  state: BotState,
  since: instant().nullable(),
  reason: reason(),
  qrcode: z.string().nullable().meta({
    description:
      '待扫码 (登录或验证) 时的二维码内容; 过期后为 null / what to scan, for a login or a verification, while it waits for that; null once it has timed out',
  }),
  // A node of an older version, beside newer ones, does not tell.
  verification: VerificationKind.nullable().default(null).meta({
    description:
      '企业微信正等着验证这个账号: 扫码、输入验证码或滑块; 否则为 null / WeCom waits for a verification of the account: by a scan, a code to type in, or a slider; null otherwise',
  }),
  deaf: z
    .object({ since: instant(), stage: z.enum(['new-stream', 'start-again', 'operator']) })
    .nullable()
    .meta({
      description:
        '已连上却收不到任何事件: 何时起, 恢复到了哪一步; 否则为 null / connected, and no events come: since when, and the stage of its recovery; null otherwise',
    }),
})

/** A bot as lists show it; its puppet token is never among it. */
export const BotRecord = z
  .object({
    id: BotId,
    workspaceId: WorkspaceId,
    endpoint: z.string().meta({
      description:
        'puppet 服务的地址; 由发现服务给出时为空 / of the puppet service; empty where discovery says it',
    }),
    discovery: z.string().nullable().meta({
      description: '向它询问地址的发现服务 / the authority that is asked for the endpoint',
    }),
    tls: z.boolean(),
    isPlainAbroad: z.boolean().meta({
      description:
        '未加密且不在本机或内网地址上 / in plain text, and not to an address of this machine or a private network',
    }),
    expectedUserId: UserId.nullable(),
    account: BotAccountRecord.nullable().meta({
      description: '上次登录的账号 / who it was at its last login',
    }),
    session: BotSessionRecord,
    additionsInLastMinute: z.int().nonnegative().nullable().meta({
      description:
        '最近一分钟经它拉人的次数, 建议不超过 50; 没有可询问的节点运行它则为 null / members added through it within the last minute, advised are 50 at most; null where no node that can be asked runs it',
    }),
    // A node of an older version, beside newer ones, tells none of these.
    heardAt: instant().nullable().default(null).meta({
      description:
        '最近一次证明它收得到事件的时间; 没有节点运行它、或还没有听到则为 null / when it last proved that it hears; null where no node runs it, or nothing was heard yet',
    }),
    node: z.string().nullable().default(null).meta({
      description: '运行它的节点; 没有则为 null / the node that runs it; null where none does',
    }),
    rooms: Counted.nullable().default(null).meta({
      description:
        '它在多少个群里; 没有数则为 null / how many rooms it is in; null where they were not counted',
    }),
    createdAt: instant(),
  })
  .meta({ id: 'BotRecord' })

const ScanProgress = z
  .enum(['waiting', 'scanned', 'confirmed', 'cancelled', 'timed-out'])
  .meta({ id: 'ScanProgress' })

/** How a bot stands with its login; asked again and again by whoever waits for it. */
export const BotLoginRecord = z
  .object({
    id: BotId,
    state: BotState,
    since: instant().nullable(),
    reason: reason(),
    account: BotAccountRecord.nullable().meta({
      description: '在线的账号; 不在线为 null / who is online; null while nobody is',
    }),
    otherAccount: BotAccountRecord.nullable().meta({
      description:
        '状态为 wrong-account 时, 登录的是谁; 否则为 null / who is logged in instead, while the state is wrong-account; null otherwise',
    }),
    qrcode: z
      .object({
        text: z.string().meta({
          description: '二维码内容; 过期后为空 / what the QR code says; empty once it has timed out',
        }),
        givenAt: instant().meta({ description: '此码何时给出 / when the puppet gave this code' }),
        scan: ScanProgress,
      })
      .nullable()
      .meta({
        description:
          '仅待扫码时有; 要求验证时, 任何状态下都可能是验证用的二维码 (verification 不为 null) / only while it awaits its scan; while a verification is wanted it is the one to verify with, in whatever state',
      }),
    verification: z
      .object({
        by: VerificationKind,
        address: z.string().meta({ description: '滑块验证的网址 / where the slider is' }),
        message: z.string().meta({ description: 'puppet 的说明 / what the puppet says of it' }),
        givenAt: instant(),
        until: instant().meta({
          description: '过后企业微信会让账号退出 / afterwards WeCom logs the account out',
        }),
        progress: z.enum([...ScanProgress.options, 'wrong-code']),
      })
      .nullable()
      .default(null)
      .meta({
        description:
          '企业微信要求在两分钟内验证这个账号: scan 用手机扫 qrcode 或在手机上确认, code 用 qunhub bot verify 输入, slide 打开网址; 否则为 null / what WeCom wants proved about the account within two minutes: scan: with the phone, by the qrcode or on its screen; code: type it in with qunhub bot verify; slide: at the address; null otherwise',
      }),
    seen: z.string().meta({
      description:
        '原样带回并给出 waitSeconds, 则等到有变化才应答 / give it back with waitSeconds, and the answer waits for a change',
    }),
  })
  .meta({ id: 'BotLoginRecord' })

/** A step of a bot's life; never with a QR code. */
export const BotMoveRecord = z
  .object({
    ordinal: z.int().meta({ description: '该机器人的第几次变化 / counts the moves of the bot' }),
    at: instant(),
    from: BotState,
    to: BotState,
    reason: reason(),
    wxid: ContactWxid.nullable().meta({
      description: '谁上线, 或登录的是哪个别的账号 / who came online, or who is logged in instead',
    }),
    attempt: z.int().nullable().meta({ description: '第几次重连 / which try to reconnect' }),
    scan: ScanProgress.nullable(),
    missed: z.int().meta({
      description:
        '在此之前有几次变化未能记下 / so many moves just before it were not kept, because too many waited for the store',
    }),
  })
  .meta({ id: 'BotMoveRecord' })

export type BotLoginRecord = z.infer<typeof BotLoginRecord>
export type BotMoveRecord = z.infer<typeof BotMoveRecord>
export type BotRecord = z.infer<typeof BotRecord>
export type BotSessionRecord = z.infer<typeof BotSessionRecord>
