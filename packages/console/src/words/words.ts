import { addressWords } from './address.ts'
import { botsWords } from './bots.ts'
import { callbacksWords } from './callbacks.ts'
import { contactIdsWords } from './contact-ids.ts'
import { contactImportWords } from './contact-import.ts'
import { frameWords } from './frame.ts'
import { pagesWords } from './pages.ts'
import { paletteWords } from './palette.ts'
import { passwordWords } from './password.ts'
import { rateWords } from './rate.ts'
import { requestsWords } from './requests.ts'
import { roomPanelWords } from './room-panel.ts'
import { signInWords } from './sign-in.ts'
import { simulatorWords } from './simulator.ts'
import { stepsWords } from './steps.ts'
import { tryWords } from './try.ts'

/** Every word on the screen. Chinese is written first; what it is called is said in docs/glossary.md. */
export const zh = {
  frame: frameWords.zh,
  callbacks: callbacksWords.zh,
  address: addressWords.zh,
  bots: botsWords.zh,
  pages: pagesWords.zh,
  palette: paletteWords.zh,
  rate: rateWords.zh,
  requests: requestsWords.zh,
  password: passwordWords.zh,
  simulator: simulatorWords.zh,
  try: tryWords.zh,
  contactIds: contactIdsWords.zh,
  contactImport: contactImportWords.zh,
  roomPanel: roomPanelWords.zh,
  signIn: signInWords.zh,
  steps: stepsWords.zh,
}
export const en: Words = {
  frame: frameWords.en,
  callbacks: callbacksWords.en,
  address: addressWords.en,
  bots: botsWords.en,
  pages: pagesWords.en,
  palette: paletteWords.en,
  rate: rateWords.en,
  requests: requestsWords.en,
  password: passwordWords.en,
  simulator: simulatorWords.en,
  try: tryWords.en,
  contactIds: contactIdsWords.en,
  contactImport: contactImportWords.en,
  roomPanel: roomPanelWords.en,
  signIn: signInWords.en,
  steps: stepsWords.en,
}
export type Words = typeof zh
