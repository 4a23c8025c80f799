export {
  CONTACT_FILE_BYTES_MAX,
  type LineProblem,
  NoContacts,
  type NumberedLine,
  readContacts,
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
