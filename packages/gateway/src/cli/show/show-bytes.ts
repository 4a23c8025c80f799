/** 12.3 GiB. */
export function showBytes(bytes: number): string {
  const step = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)))
  return `${(bytes / 1024 ** step).toFixed(step === 0 ? 0 : 1)} ${UNITS[step]}`
}
const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const
