import type { Page, WorkspaceId } from '@qunhub/wire'

/** Who asks. */
export interface Caller {
  readonly workspaceId: WorkspaceId
}

/** One page of few rows, counted from 0. */
export const cutPage = <Row>(
  rows: readonly Row[],
  { current, pageSize }: { readonly current: number; readonly pageSize: number },
): { rows: Row[]; page: Page } => ({
  rows: rows.slice(current * pageSize, (current + 1) * pageSize),
  page: { current, total: rows.length },
})
