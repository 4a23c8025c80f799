/** Answers each `cpu` of the benchmark with the CPU time that this process has spent, in microseconds. */
export function reportCpu(): void {
  process.on('message', asked => {
    if (asked !== 'cpu') return
    const { user, system } = process.cpuUsage()
    process.send?.({ cpuUs: user + system })
  })
  // A benchmark that was broken off leaves no servers behind, which would disturb the next one.
  process.once('disconnect', () => process.exit())
}
