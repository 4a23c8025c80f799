#!/usr/bin/env node
import { runCli } from './run-cli.ts'

// Names, topics and unionIds are personal data: whatever is written is for the owner only, also in a directory that
// somebody else has made.
process.umask(0o077)

// A reader that has seen enough, such as `| head`, is no failure of ours.
process.stdout.on('error', failure => {
  if ((failure as NodeJS.ErrnoException).code === 'EPIPE') process.exit(0)
  throw failure
})

/** Everything is closed by now; what keeps the process alive longer is a fault, and a supervisor waits for the end. */
const LINGER_MAX_MS = 5000

process.exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  out: text => process.stdout.write(text),
  err: text => process.stderr.write(text),
  get stdin() {
    return process.stdin
  },
  // Undefined where it is no terminal.
  columns: process.stdout.columns,
  isTerminal: process.stderr.isTTY === true,
})
setTimeout(() => process.exit(), LINGER_MAX_MS).unref()
