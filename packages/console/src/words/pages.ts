import { auditWords } from './audit.ts'
import { contactsWords } from './contacts.ts'
import { nodesWords } from './nodes.ts'
import { overviewWords } from './overview.ts'
import { peopleWords } from './people.ts'
import { roomsWords } from './rooms.ts'
import { settingsWords } from './settings.ts'
import { tagsWords } from './tags.ts'
import { tokensWords } from './tokens.ts'

/** The words of the smaller pages: each page has a file of its own. */
export const pagesWords = {
  zh: {
    overview: overviewWords.zh,
    rooms: roomsWords.zh,
    contacts: contactsWords.zh,
    tags: tagsWords.zh,
    tokens: tokensWords.zh,
    people: peopleWords.zh,
    audit: auditWords.zh,
    nodes: nodesWords.zh,
    settings: settingsWords.zh,
  },
  en: {
    overview: overviewWords.en,
    rooms: roomsWords.en,
    contacts: contactsWords.en,
    tags: tagsWords.en,
    tokens: tokensWords.en,
    people: peopleWords.en,
    audit: auditWords.en,
    nodes: nodesWords.en,
    settings: settingsWords.en,
  },
}
