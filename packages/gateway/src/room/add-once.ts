import type { Added, AddMemberRefusal } from './add-member.ts'
import { type Result, refuse } from '../model/result.ts'

/**
 * Runs `add`, unless the same addition is under way: then it waits for that one and answers "already a member", or that
 * one's own refusal. So two identical calls at once ask the puppet once (AM-24).
 */
export type AddOnce = (
  key: string,
  add: () => Promise<Result<Added, AddMemberRefusal>>,
) => Promise<Result<Added, AddMemberRefusal>>

export function createAddOnce(): AddOnce {
  const underWay = new Map<string, Promise<Result<Added, AddMemberRefusal>>>()
  return async (key, add) => {
    const first = underWay.get(key)
    if (first) {
      const result = await first
      return result.ok ? refuse('already-member') : result
    }
    const work = add()
    underWay.set(key, work)
    try {
      return await work
    } finally {
      underWay.delete(key)
    }
  }
}
