/** Below the gateway's own path: where the console is, and what it asks. */
export const CONSOLE_PATH = '/console'
export const CONSOLE_API_PATH = `${CONSOLE_PATH}/api`
