/**
 * What `.ci/run` does where tests failed: their files are run once more, each whole, so that whatever they leave behind for the test
 * after them is there again, and nothing else is. What passes then is told of as UNSTEADY (docs/decisions/0085). Ends with 1
 * where anything fails again, where more failed than chance would have it, and where no file says what failed.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { FAILED_FILES, type FailedFile } from '../packages/testing/src/note-failed.ts'

const VITEST = 'node_modules/vitest/vitest.mjs'
/** A machine that is slow for a minute makes a few fail; a fault makes many. */
const FILES_MAX = 5

const noted = process.env[FAILED_FILES]
delete process.env[FAILED_FILES]
const failed: FailedFile[] = noted && existsSync(noted) ? JSON.parse(readFileSync(noted, 'utf8')) : []
if (noted) rmSync(noted, { force: true })
if (failed.length === 0 || failed.length > FILES_MAX) process.exit(1)
if (failed.some(({ failures }) => failures.length === 0)) process.exit(1)

console.log(
  `${failed.length} files failed, and are run once more: ${failed.map(({ file }) => file).join(', ')}`,
)
for (const { project, file } of failed) {
  const asked = [VITEST, 'run', '--project', project, file]
  const { status } = spawnSync(process.execPath, asked, { stdio: 'inherit' })
  if (status !== 0) process.exit(1)
}
for (const { file, failures } of failed)
  for (const failure of failures) console.log(`UNSTEADY: ${file} > ${failure}`)
