import type { Counted, VerbOutput } from '@qunhub/wire'
import { nameOf, sentenceOf, standingOf, type Tone } from '../bots/standing.ts'
import type { Search } from '../frame/search-text.ts'
import { showCount } from '../show/moment.ts'
import type { Words } from '../words/words.ts'

export interface Todo {
  readonly key: string
  readonly tone: Tone
  readonly tag: string
  readonly what: string
  readonly why: string
  readonly page: string
  readonly search?: Search
}

type Overview = VerbOutput<'show-overview'>

/** As much of the overview as says what is to be done. */
export interface Known {
  readonly bots: Pick<Overview['bots'], 'all' | 'unwell'>
  readonly callbacks: Pick<Overview['callbacks'], 'parked' | 'quarantined'>
  readonly address: Overview['address']
}

/** More than this nobody reads; what is shown is done first. */
const TODOS_MAX = 5

/** What somebody has to do, what hurts most first, each with one place to go. */
export function todosOf({ bots, callbacks: counted, address }: Known, words: Words): Todo[] {
  const { parked, quarantined } = counted
  const { bots: ofBots, pages, address: ofAddress, callbacks } = words
  const { todos } = pages.overview
  const bare: Todo[] = [
    ...(bots.all === 0 ? [{ ...todos.noBot, key: 'no-bot', tone: 'wait' as const, page: 'bots' }] : []),
    ...(address === null
      ? [{ ...todos.noAddress, key: 'no-address', tone: 'wait' as const, page: 'address' }]
      : []),
  ]
  const held: Todo[] =
    address && address.breaker !== 'closed'
      ? [
          {
            key: 'breaker',
            tone: 'bad',
            tag: ofAddress.breakers[address.breaker],
            what: todos.breaker,
            why: todos.breakerWhy,
            page: 'address',
          },
        ]
      : []
  const unwell = bots.unwell.map(bot => {
    const { tone, word } = standingOf(bot.session, ofBots)
    return {
      key: bot.id,
      tone,
      tag: word,
      what: nameOf(bot),
      why: sentenceOf(bot.session, ofBots),
      page: `bots/${bot.id}`,
    }
  })
  const shown = ({ count, atLeast }: Counted) => `${showCount(count)}${atLeast ? '+' : ''}`
  const stuck: Todo[] =
    parked.count > 0
      ? [
          {
            ...{
              key: 'parked',
              tone: 'bad',
              tag: callbacks.states.parked,
              what: todos.parked(shown(parked)),
            },
            ...{ why: todos.parkedWhy, page: 'callbacks', search: { state: 'parked' } },
          },
        ]
      : []
  const spoiled: Todo[] =
    quarantined.count > 0
      ? [
          {
            ...{ key: 'quarantined', tone: 'bad', tag: callbacks.states.quarantined },
            ...{ what: todos.quarantined(shown(quarantined)), why: todos.quarantinedWhy },
            ...{ page: 'callbacks', search: { state: 'quarantined' } },
          },
        ]
      : []
  return [...held, ...unwell, ...stuck, ...spoiled, ...bare].slice(0, TODOS_MAX)
}
