import { useRouterState } from '@tanstack/react-router'

/**
 * Whether another page is on its way, whose code is being loaded. The page that is left stays to be looked at and takes no more
 * clicks: a row of it that is pressed meanwhile would call off the page that was asked for.
 */
export const useLeaving = (): boolean =>
  useRouterState({
    select: ({ location, resolvedLocation }) =>
      resolvedLocation !== undefined && resolvedLocation.pathname !== location.pathname,
  })
