/** Stands for a token where the console itself has asked: in the lists of requests, and as what is counted together. */
export const CONSOLE_TOKEN_ID = 'console'
/** Longer answers are told up to here. */
export const TRIED_ANSWER_CHARACTERS_MAX = 200_000
