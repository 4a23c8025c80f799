/** By which files of `src` a start is read, with whatever each of them imports (FL-6). */
export const READ_AT_START: readonly string[] = [
  'cli/main.ts',
  'cli/logger.ts',
  'gateway.ts',
  'cli/first-owner-code.ts',
]
