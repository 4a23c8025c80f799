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
    'callbacks',
    lazyRouteComponent(() => import('./callbacks/callbacks-page.tsx'), 'CallbacksPage'),
  ),
  page(
    'replays',
    lazyRouteComponent(() => import('./callbacks/replays-page.tsx'), 'ReplaysPage'),
  ),
]

export const router = createRouter({
  routeTree: root.addChildren([home, workspace.addChildren([first, ...pages])]),
  basepath: consoleRoot(import.meta.url),
  parseSearch: readSearch,
  stringifySearch: writeSearch,
  defaultPreload: false,
  defaultErrorComponent: PageBroke,
  defaultNotFoundComponent: UnknownPage,
  scrollRestoration: true,
})
