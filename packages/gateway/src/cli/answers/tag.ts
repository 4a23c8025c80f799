import type { TagRecord, VerbOutput } from '@qunhub/wire'
import { type Column, renderFacts, renderTable } from '../show/table.ts'
import type { Answers } from './answer.ts'

const countedWords = ({ matching, atLeast, changed }: VerbOutput<'assign-tag-to-all'>): string => {
  const fit = `${matching}${atLeast ? '+' : ''}`
  return `符合条件 ${fit} 个群, 改变 ${changed} 个 / chats that fit: ${fit}, changed: ${changed}`
}

export const tagAnswers = {
  'add-tag': (added, width) => renderTable([added], columns, width),
  'rename-tag': ({ id, name }, width) =>
    renderFacts(
      [
        ['ID', id],
        ['名称 name', name],
      ],
      width,
    ),
  'remove-tag': ({ id, chats }) =>
    `已删除 ${id}, 从 ${chats} 个群去掉 / removed, and taken off ${chats} chats`,
  'list-tags': ({ tags }, width) => renderTable(tags, columns, width),
  'assign-tag': ({ chats }, width) => renderTable(chats, chatColumns, width),
  'unassign-tag': ({ chats }, width) => renderTable(chats, chatColumns, width),
  'assign-tag-to-all': countedWords,
  'unassign-tag-from-all': countedWords,
} satisfies Answers

const columns: readonly Column<TagRecord>[] = [
  { title: 'ID', cell: tag => tag.id, whole: true },
  { title: '名称 name', cell: tag => tag.name },
  { title: '群数 chats', cell: tag => tag.roomCount },
]

type Outcome = 'assigned' | 'already' | 'unassigned' | 'not-assigned'

const chatColumns: readonly Column<{ chatId: string; outcome: Outcome }>[] = [
  { title: 'chatId', cell: chat => chat.chatId, whole: true },
  { title: '结果 outcome', cell: chat => outcomeWords[chat.outcome] },
]

const outcomeWords: Readonly<Record<Outcome, string>> = {
  assigned: '已打标签 assigned',
  already: '原本就有 already',
  unassigned: '已去掉 unassigned',
  'not-assigned': '原本没有 not assigned',
}
