import { backupCommand } from './backup.ts'
import { completionCommand } from './completion.ts'
import { conformCommand } from './conform/conform-command.ts'
import { copyCommand } from './copy.ts'
import { doctorCommand } from './doctor/doctor-command.ts'
import { explainCommand } from './explain-refusal.ts'
import { migrateCommand } from './migrate.ts'
import { serveCommand } from './serve.ts'
import type { Declare } from './shell.ts'
import { verbCommands } from './verb-command.ts'

/** All of them, in the order of the help. */
export const commands: readonly Declare[] = [
  serveCommand,
  migrateCommand,
  copyCommand,
  backupCommand,
  verbCommands,
  doctorCommand,
  explainCommand,
  conformCommand,
  completionCommand,
]
