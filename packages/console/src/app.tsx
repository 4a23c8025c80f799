import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { openQueryClient } from './api/query-client.ts'
import { LiveProvider } from './frame/live.tsx'
import { PreferencesProvider } from './preferences/use-preferences.tsx'
import { router } from './routes.tsx'
import { styleNonce } from './style-nonce.ts'
import { cssVariables, theme } from './theme.ts'

const client = openQueryClient()

/** Everything that all pages lean on, from the outside in. */
export function App() {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      getStyleNonce={styleNonce}
    >
      <PreferencesProvider>
        <LiveProvider>
          <QueryClientProvider client={client}>
            <Notifications position="top-right" />
            <RouterProvider router={router} />
          </QueryClientProvider>
        </LiveProvider>
      </PreferencesProvider>
    </MantineProvider>
  )
}
