import type { Declare } from './run-cli.ts'
import { verbCommand } from './verb-command.ts'

export const alertCommands: Declare = (program, shell, exitWith) => {
  const alert = program.command('alert').description('告警 / alerts')

  verbCommand(alert.command('test'), 'test-alert', {
    shell,
    exitWith,
    show: ({ kind, answer }) =>
      `告警地址 (${kind}) 收下了测试告警 / the alert address (${kind}) took the test alert${answer && `\n${answer}`}`,
  })
}
