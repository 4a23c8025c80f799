export {
  type LineProblem,
  NoContacts,
  type NumberedLine,
  readContacts,
  requireNotTooLarge,
} from './read-contacts.ts'
export {
  contactsIn,
  countOutcomes,
  isTaken,
  outcomeWords,
  partsOf,
  type ReportLine,
  reportOf,
} from './report.ts'
