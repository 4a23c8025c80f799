/** Says among the advisory locks of a database that a lock means a node that attends. */
export const ATTENDANCE_CLASS = 0x71756e
