/** The row that a step leads to, of so many; from nowhere the first one. It does not go round. */
export const rowAfter = (from: number, step: 1 | -1, rows: number): number =>
  from < 0 ? 0 : Math.min(Math.max(from + step, 0), rows - 1)
