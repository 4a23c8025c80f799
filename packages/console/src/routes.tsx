import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  type RouteComponent,
} from '@tanstack/react-router'
import { consoleRoot } from './api/console-root.ts'
import { Frame } from './frame/frame.tsx'
import { Gate } from './frame/gate.tsx'
import { PageBroke, UnknownPage } from './frame/say.tsx'
import { readSearch, writeSearch } from './frame/search-text.ts'
import { ToFirstPage, ToFirstWorkspace } from './frame/to-first.tsx'

const root = createRootRoute({ component: Gate, notFoundComponent: UnknownPage })
const home = createRoute({ getParentRoute: () => root, path: '/', component: ToFirstWorkspace })
const workspace = createRoute({ getParentRoute: () => root, path: '/w/$workspace', component: Frame })
const first = createRoute({ getParentRoute: () => workspace, path: '/', component: ToFirstPage })

const page = (path: string, component: RouteComponent) =>
  createRoute({ getParentRoute: () => workspace, path, component, errorComponent: PageBroke })

/** Each page is loaded when it is first looked at. */
const pages = [
  page(
    'overview',
    lazyRouteComponent(() => import('./overview/overview-page.tsx'), 'OverviewPage'),
  ),
  page(
    'bots',
    lazyRouteComponent(() => import('./bots/bots-page.tsx'), 'BotsPage'),
  ),
  page(
    'bots/$bot',
    lazyRouteComponent(() => import('./bots/bot-page.tsx'), 'BotPage'),
  ),
  page(
    'rooms',
    lazyRouteComponent(() => import('./rooms/rooms-page.tsx'), 'RoomsPage'),
  ),
  page(
    'contacts',
    lazyRouteComponent(() => import('./contacts/contacts-page.tsx'), 'ContactsPage'),
  ),
  page(
    'tags',
    lazyRouteComponent(() => import('./tags/tags-page.tsx'), 'TagsPage'),
  ),
  page(
    'callbacks',
    lazyRouteComponent(() => import('./callbacks/callbacks-page.tsx'), 'CallbacksPage'),
  ),
  page(
    'replays',
    lazyRouteComponent(() => import('./callbacks/replays-page.tsx'), 'ReplaysPage'),
  ),
  page(
    'address',
    lazyRouteComponent(() => import('./address/address-page.tsx'), 'AddressPage'),
  ),
  page(
    'requests',
    lazyRouteComponent(() => import('./requests/requests-page.tsx'), 'RequestsPage'),
  ),
  page(
    'try',
    lazyRouteComponent(() => import('./try/try-page.tsx'), 'TryPage'),
  ),
  page(
    'simulator',
    lazyRouteComponent(() => import('./simulator/simulator-page.tsx'), 'SimulatorPage'),
  ),
  page(
    'tokens',
    lazyRouteComponent(() => import('./manage/tokens-page.tsx'), 'TokensPage'),
  ),
  page(
    'people',
    lazyRouteComponent(() => import('./manage/people-page.tsx'), 'PeoplePage'),
  ),
  page(
    'settings',
    lazyRouteComponent(() => import('./manage/settings-page.tsx'), 'SettingsPage'),
  ),
  page(
    'audit',
    lazyRouteComponent(() => import('./manage/audit-page.tsx'), 'AuditPage'),
  ),
  page(
    'nodes',
    lazyRouteComponent(() => import('./manage/nodes-page.tsx'), 'NodesPage'),
  ),
]

export const router = createRouter({
  routeTree: root.addChildren([home, workspace.addChildren([first, ...pages])]),
  basepath: consoleRoot(import.meta.url),
  parseSearch: readSearch,
  stringifySearch: writeSearch,
  defaultPreload: false,
  // Nothing of one workspace, or of one bot, stays on the page of another: no secret, no half-typed form.
  defaultRemountDeps: ({ params }) => params,
  defaultErrorComponent: PageBroke,
  defaultNotFoundComponent: UnknownPage,
  scrollRestoration: true,
})
