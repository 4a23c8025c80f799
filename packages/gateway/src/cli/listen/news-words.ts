/** What is told of callbacks as they come: a line each for people, an object a line for programs. */
import { type CallbackRecord, inBoth } from '@qunhub/wire'
import type { Outcome } from '../../callback/outcome.ts'
import { answerWords } from '../conform/receiver/answer-words.ts'
import { plainText } from '../show/column-width.ts'
import { showTime } from '../show/show-time.ts'
import type { News } from './listen.ts'

export function newsWords(news: News): string {
  switch (news.event) {
    case 'owed': {
      const { owedAt, kind, room, webhookId, body } = news.callback
      return plainText(
        `${showTime(owedAt)}  ${kind}  ${topicOf(body)}${room}  ${webhookId}  ${stateOf(news.callback)}`,
      )
    }
    case 'changed':
      return plainText(`  ${news.callback.webhookId}  ${stateOf(news.callback)}`)
    case 'lost':
      return `连接断开, 正在重试 / the connection is lost, trying again: ${plainText(news.message)}`
    case 'reconnected':
      return news.after === null
        ? '已重新连接 / connected again'
        : `已重新连接, 从 ${news.after} 之后继续 / connected again, going on behind ${news.after}`
    default:
      return news satisfies never
  }
}

/** `→ 204, 12 ms`. */
export function forwardedWords(outcome: Outcome): string {
  return plainText(`  → ${inBoth(answerWords(outcome))}`)
}

const stateWords: Readonly<Record<CallbackRecord['state'], string>> = {
  due: '待投递 due',
  delivered: '已投递 delivered',
  parked: '已停放 parked',
  quarantined: '已隔离 quarantined',
}

const stateOf = ({ state, attempts, lastStatus, lastError }: CallbackRecord): string => {
  const last = lastStatus ?? lastError
  return `${stateWords[state]}${last === null ? '' : ` (${last}, ${attempts})`}`
}

/** A kind that a newer Qunhub knows may have none. */
function topicOf(body: string): string {
  const parsed = JSON.parse(body) as { topic?: unknown }
  return typeof parsed.topic === 'string' && parsed.topic !== '' ? `${parsed.topic}  ` : ''
}
