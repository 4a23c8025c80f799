import type { Moved, SimulatedRoom, VerbOutput } from '@qunhub/wire'
import { showTime } from '../show/show-time.ts'
import { type Column, renderTable } from '../show/table.ts'
import type { Answers } from './answer.ts'

type World = VerbOutput<'show-simulator'>

const showMoved = ({ at, room }: Moved): string => `${showTime(at)} ${room ?? ''}`.trimEnd()

export const simulatorAnswers = {
  'show-simulator': ({ accounts, rooms, contacts, cards, faults, members, more }, width) =>
    [
      renderTable(accounts, accountColumns, width),
      renderTable(rooms, roomColumns, width),
      renderTable(contacts, contactColumns, width),
      ...(cards.length > 0 ? [renderTable(cards, cardColumns, width)] : []),
      ...(faults.length > 0 ? [renderTable(faults, faultColumns, width)] : []),
      ...(members ? [renderTable(members, memberColumns, width)] : []),
      ...(more ? ['还有更多, 用 --find 找 / there are more: use --find'] : []),
    ].join('\n\n'),
  'simulate-join': showMoved,
  'simulate-leave': showMoved,
  'simulate-card': showMoved,
  'simulate-crowd': showMoved,
  'simulate-message': showMoved,
  'simulate-account': showMoved,
  'simulate-fault': showMoved,
  'clear-simulated-faults': showMoved,
} satisfies Answers

const accountColumns: readonly Column<World['accounts'][number]>[] = [
  { title: '账号 account', cell: account => account.wxid, whole: true },
  { title: 'userId', cell: account => account.userId },
  { title: '名字 name', cell: account => account.name },
  { title: '状态 state', cell: account => account.state },
]
const roomColumns: readonly Column<SimulatedRoom>[] = [
  { title: '群 room', cell: room => room.wxid, whole: true },
  { title: '群名 topic', cell: room => room.topic },
  { title: '人数 members', cell: room => room.memberCount },
  { title: '群主 owner', cell: room => room.owner },
]
const contactColumns: readonly Column<World['contacts'][number]>[] = [
  { title: '联系人 contact', cell: contact => contact.wxid, whole: true },
  { title: '名字 name', cell: contact => contact.name },
]
const cardColumns: readonly Column<World['cards'][number]>[] = [
  { title: '卡片 card', cell: card => card.id, whole: true },
  { title: '群 room', cell: card => card.topic || card.room },
  { title: '给谁 for', cell: card => card.contact },
]
const faultColumns: readonly Column<World['faults'][number]>[] = [
  { title: '故障 fault', cell: fault => fault.name ?? `${fault.on} ${fault.mode}` },
  { title: '还有几次 times', cell: fault => fault.times ?? '-' },
]
const memberColumns: readonly Column<NonNullable<World['members']>[number]>[] = [
  { title: '成员 member', cell: member => member.wxid, whole: true },
  { title: '名字 name', cell: member => member.name },
]
