export { splitWords } from '../model/words.ts'
export { failureWords } from './failure-words.ts'
export { reasonWords } from './reason-words.ts'
export { isTaken, receiverAdvice } from './receiver-advice.ts'
