/** Answers each message of the benchmark with the CPU time that this process has spent, in microseconds. */
export function reportCpu(): void {
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    process.send?.({ cpuUs: user + system })
  })
}
