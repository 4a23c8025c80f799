import type { MatchRecord } from '@qunhub/wire'
import { expect, test } from 'vitest'
import { DAILY_PAGES, MANAGE_PAGES, PAGE_KEYS } from '../src/frame/pages.ts'
import { moreRoomsPlace, pagesThatFit, placeOf } from '../src/palette/places.ts'
import { en, zh } from '../src/words/words.ts'

const pages = [...DAILY_PAGES, ...MANAGE_PAGES]
const namesOf = (text: string, words = zh) => pagesThatFit(text, pages, words).map(({ page }) => page)

test('UI-44 a page is found by its name in the language that is shown, and by that of its address', () => {
  expect(namesOf('回调')).toEqual(['callbacks', 'address'])
  expect(namesOf(' CALL')).toEqual(['callbacks'])
  expect(namesOf('回调', en)).toEqual([])
  expect(namesOf('')).toHaveLength(pages.length)
})

test('UI-44 what was found leads to where it is seen', () => {
  const found = (kind: MatchRecord['kind'], name = '小北') => {
    const { page, search } = placeOf({ kind, id: 'x1', name, about: '' })
    return [page, search]
  }
  expect(found('bot')).toEqual(['bots/x1', {}])
  expect(found('room', '老客户群')).toEqual(['rooms', { topic: '老客户群', open: 'x1' }])
  expect(found('room', '')).toEqual(['rooms', { open: 'x1' }])
  expect(found('contact')).toEqual(['contacts', { id: 'x1' }])
  expect(found('callback')).toEqual(['callbacks', { open: 'x1' }])
  expect(found('request')).toEqual(['requests', { open: 'x1' }])
  expect([found('tag')[0], found('token')[0]]).toEqual(['tags', 'tokens'])
})

test('UI-44 where there may be more rooms, it is looked on among them', () => {
  const { page, search, name } = moreRoomsPlace('答疑', zh)
  expect([page, search]).toEqual(['rooms', { topic: '答疑' }])
  expect(name).toContain('答疑')
  expect(moreRoomsPlace('答疑', en).name).toContain('答疑')
})

test('UI-44 the keys lead to pages that are there', () => {
  expect(Object.values(PAGE_KEYS).filter(page => !DAILY_PAGES.includes(page))).toEqual([])
})
