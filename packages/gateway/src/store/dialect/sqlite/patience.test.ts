import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Connection } from './connection.ts'
import { GroupCommit } from './group-commit.ts'
import type { OpenTransaction } from './queued-write.ts'

/** How many commits there were, and what they kept. */
async function openCommits() {
  const directory = await mkdtemp(join(tmpdir(), 'qunhub-patience-'))
  const connection = new Connection(join(directory, 'store.sqlite'), { readOnly: false })
  connection.command('create table note (n integer)')
  const seen = { commits: 0 }
  const run = async (statement: { sql: string; parameters: readonly unknown[] }) => connection.run(statement)
  const commits = new GroupCommit(
    connection,
    () => ({ run, end() {}, written: 1 }) as unknown as OpenTransaction,
    {
      requireInPlace() {},
      makeRoom: () => false,
      async committed() {
        seen.commits++
      },
    },
  )
  onTestFinished(async () => {
    await commits.close()
    connection.close()
    await rm(directory, { recursive: true })
  })
  return {
    seen,
    commits,
    note: (n: number, patient = false) =>
      commits.write(tx => tx.run({ sql: 'insert into note values (?)', parameters: [n] }), { patient }),
    notes: () =>
      connection
        .all({ sql: 'select n from note order by n', parameters: [] })
        .map(row => (row as { n: number }).n),
  }
}

test('ST-153 a patient write shares the commit of the next, and has its own where none comes', async () => {
  const { seen, note, notes } = await openCommits()
  for (let round = 0; round < 3; round++) await Promise.all([note(2 * round, true), note(2 * round + 1)])
  expect(seen.commits).toBe(3)
  await note(6, true)
  expect(seen.commits).toBe(4)
  // One that comes while others are written goes with the next batch.
  await Promise.all([note(7), note(8, true), note(9, true)])
  await note(10)
  expect(notes()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
})

test('ST-153 whoever closes the store does not wait for its patience, and keeps it', async () => {
  const { commits, note, notes } = await openCommits()
  const patient = note(1, true)
  await commits.close()
  await patient
  expect(notes()).toEqual([1])
})
