import { availableParallelism, tmpdir } from 'node:os'
import { defineConfig } from 'vitest/config'
import { DISK_TMPDIR, fastFolder } from './packages/testing/src/fast-folder.ts'
import { FAILED_FILES } from './packages/testing/src/note-failed.ts'
import { TESTS_BEGAN_AT } from './packages/testing/src/say-time.ts'

/** Ten thousand commits are ten thousand waits for a disk. The long trials are about the disk, too. */
const inMemory = { TMPDIR: fastFolder(), [DISK_TMPDIR]: tmpdir() }

/** About PostgreSQL, and some of SQLite beside it: many of them make a database or a server for each test. */
const ONLY_POSTGRES = [
  'packages/gateway/src/cli/{on-postgres,copy}.test.ts',
  'packages/gateway/src/http/health-on-postgres.test.ts',
  'packages/gateway/src/store/dialect/postgres*.test.ts',
]
/** About processes, and not about what they do: how one starts, ends, is killed, and what it holds of the machine. */
const ONLY_PROCESSES = [
  'packages/gateway/src/cli/{serve,lean-memory,demo/demo}.test.ts',
  'packages/gateway/src/store/dialect/sqlite-crash.test.ts',
  'packages/simulator/test/main.test.ts',
  'tests/journeys/two-commands.test.ts',
]
/** What stands by itself and mostly waits: programs of others, browsers, npm, and whether each benchmark runs. */
const ONLY_OUTSIDERS = [
  'tests/trials/{samples,stock-programs,installed-client,import-documents,page-code}.test.ts',
  'tests/trials/{console-*,demo-in-browser,bench,proxies,pgbouncer,point-in-time,installed-package,image,deploy-tools}.test.ts',
]
/** Of many nodes, those whose puppets are what is slow: they wait, and measure nothing. */
const NODES_THAT_WAIT = [
  'tests/nodes/{bot-outages,cluster,create-across-nodes,deaf-in-cluster,login,occupied-bot}.test.ts',
]
/** The outbox, its database failing at each statement; and the stories that a seed makes up, of which `npm test` tells a few. */
const FAULTS = 'packages/gateway/src/callback/faults.test.ts'
const STORIES = 'packages/gateway/src/callback/outbox-model.test.ts'
const LONG = ['tests/nodes/**', 'tests/trials/**']

const reporters = [
  'default',
  ...(process.env[TESTS_BEGAN_AT] ? ['./packages/testing/src/say-time.ts'] : []),
  ...(process.env[FAILED_FILES] ? ['./packages/testing/src/note-failed.ts'] : []),
]

/** Much of a test is waiting, so that a worker for each core leaves them idle. */
const moreThanCores = availableParallelism() + 1
const someAtATime = { maxWorkers: moreThanCores, sequence: { groupOrder: 1 } } as const

const everywhere = {
  pool: 'forks',
  // A worker reads the sources once, and not once a file: that is half of what most files cost. What a test changes in its process
  // (a variable, a timer, what it spies on) it puts back.
  isolate: false,
  restoreMocks: true,
  unstubEnvs: true,
  unstubGlobals: true,
  // Only what hangs should be caught by it: a test of processes, beside the trials of many nodes, has a tenth of a core.
  testTimeout: 120_000,
  hookTimeout: 120_000,
  // Of tests that say so themselves: they wait, and hardly work.
  maxConcurrency: 15,
} as const

export default defineConfig({
  test: {
    // One PostgreSQL for all test files; databases on it are lent from test to test.
    globalSetup: ['packages/testing/src/postgres/for-all-tests.ts'],
    reporters,
    projects: [
      // `npm test`.
      {
        extends: true,
        test: {
          name: 'all',
          include: ['packages/*/src/**/*.test.ts', 'packages/*/test/**/*.test.ts', 'tests/**/*.test.ts'],
          exclude: [...LONG, ...ONLY_POSTGRES, ...ONLY_PROCESSES, FAULTS],
          env: inMemory,
          ...everywhere,
          maxWorkers: moreThanCores,
        },
      },
      // The trials (`npm run trials`). First, some at a time: whatever customers can do is the same on either store, so the journeys
      // once more on PostgreSQL, and with them what is about PostgreSQL alone; then processes, and outsiders.
      {
        extends: true,
        test: {
          name: 'postgres',
          include: ['tests/journeys/**/*.test.ts', ...ONLY_POSTGRES],
          // What is about neither: documents, a file that takes no writes, and a browser.
          exclude: [
            ...ONLY_PROCESSES,
            ...['documents', 'unwritable-store', 'console-main'].map(
              each => `tests/journeys/${each}.test.ts`,
            ),
          ],
          env: { ...inMemory, QUNHUB_TEST_DIALECT: 'postgres' },
          ...everywhere,
          ...someAtATime,
        },
      },
      {
        extends: true,
        test: {
          name: 'processes',
          include: [...ONLY_PROCESSES],
          env: inMemory,
          ...everywhere,
          ...someAtATime,
        },
      },
      {
        extends: true,
        test: {
          name: 'outsiders',
          include: [...ONLY_OUTSIDERS, ...NODES_THAT_WAIT],
          ...everywhere,
          ...someAtATime,
          isolate: true,
        },
      },
      // Then the long ones: many processes at once, or many seeds. One file after another and when nothing else runs: two of them
      // at once keep a machine of two cores so busy that a process takes ten seconds to start.
      {
        extends: true,
        test: {
          name: 'trials',
          include: [...LONG.map(folder => `${folder}/*.test.ts`), FAULTS, STORIES],
          exclude: [...ONLY_OUTSIDERS, ...NODES_THAT_WAIT],
          // What `npm test` tries a part of.
          env: { QUNHUB_THOROUGH: '1' },
          ...everywhere,
          isolate: true,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
