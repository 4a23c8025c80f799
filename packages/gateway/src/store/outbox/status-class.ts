/** What the last attempt of a callback was answered; `none`: it was tried, and no answer came. */
export const STATUS_CLASSES = ['2xx', '3xx', '4xx', '5xx', 'none'] as const
export type StatusClass = (typeof STATUS_CLASSES)[number]

export const readStatusClass = (text: string | null): StatusClass | undefined =>
  STATUS_CLASSES.find(each => each === text)
