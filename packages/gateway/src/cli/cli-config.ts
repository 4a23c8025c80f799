import { type AlsoCheck, type Config, readConfig } from '../config/config.ts'

/** The configuration of a command: the environment's, with the data directory of the command line. Throws ConfigError. */
export const readCliConfig = (
  env: Record<string, string | undefined>,
  dataDir: string | undefined,
  alsoCheck?: AlsoCheck,
): Config => readConfig(dataDir === undefined ? env : { ...env, QUNHUB_DATA_DIR: dataDir }, alsoCheck)
