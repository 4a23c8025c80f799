import { callbacksWords } from './callbacks.ts'
import { frameWords } from './frame.ts'
import { signInWords } from './sign-in.ts'

/** Every word on the screen. Chinese is written first; what it is called is said in docs/glossary.md. */
export const zh = {
  frame: frameWords.zh,
  callbacks: callbacksWords.zh,
  signIn: signInWords.zh,
}
export const en: Words = {
  frame: frameWords.en,
  callbacks: callbacksWords.en,
  signIn: signInWords.en,
}
export type Words = typeof zh
