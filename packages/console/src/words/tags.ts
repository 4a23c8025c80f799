import { both } from './both.ts'

/** The words of the page of tags. */
export const tagsWords = both(
  {
    name: '标签名',
    rooms: '群数',
    add: '新建标签…',
    rename: '改名…',
    remove: '删除…',
    removeWhy: (rooms: number) => `会从 ${rooms} 个群上一并去掉。`,
    none: '还没有标签',
    noneWhy: '标签打在群上，listByMHTag 按它查群。',
  },
  {
    name: 'Name of the tag',
    rooms: 'Rooms',
    add: 'Add a tag…',
    rename: 'Rename…',
    remove: 'Remove…',
    removeWhy: rooms => `It is taken off ${rooms} rooms.`,
    none: 'No tags yet',
    noneWhy: 'Tags are put on rooms; listByMHTag finds rooms by them.',
  },
)
