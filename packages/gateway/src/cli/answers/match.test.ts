import { expect, test } from 'vitest'
import { matchAnswers } from './match.ts'

test('CON-42 the command says where to look on for rooms that were not looked through', () => {
  const shown = (moreRooms: boolean) => matchAnswers['list-matches']({ matches: [], moreRooms }, 80)
  expect(shown(true)).toContain('room list --search')
  expect(shown(false)).not.toContain('room list --search')
})
