/** Every page of the console, as trials and pictures go through them; what stands behind a page is opened. */
import type { House } from '../grounds/open-house.ts'

export interface ConsolePage {
  readonly name: string
  readonly path: string
}

export async function consolePages(house: House): Promise<ConsolePage[]> {
  const { workspaceId: workspace } = house
  const { bots } = await house.operate('list-bots', { workspace })
  const { callbacks } = await house.operate('list-callbacks', { workspace })
  const { chats } = await house.operate('list-chats', { workspace })
  const { requests } = await house.operate('list-requests', { workspace, refused: true, limit: 1 })
  const plain = [
    'overview',
    'bots',
    'rooms',
    'contacts',
    'tags',
    'callbacks',
    'replays',
    'address',
    'requests',
    'try',
    'simulator',
  ]
  const managing = ['tokens', 'people', 'settings', 'audit', 'nodes']
  return [
    ...[...plain, ...managing].map(name => ({ name, path: name })),
    ...bots.map(({ id, session }) => ({ name: `bot-${session.state}`, path: `bots/${id}` })),
    ...callbacks.slice(0, 1).flatMap(({ id }) =>
      [undefined, 'body', 'request', 'before'].map(tab => ({
        name: `callback-${tab ?? 'story'}`,
        path: `callbacks?open=${id}${tab ? `&tab=${tab}` : ''}`,
      })),
    ),
    ...chats.slice(0, 1).map(({ chatId }) => ({ name: 'room', path: `rooms?open=${chatId}` })),
    ...chats.slice(0, 1).map(({ roomWxid }) => ({
      ...{ name: 'simulator-room', path: `simulator?open=${roomWxid}` },
    })),
    ...requests.map(({ requestId }) => ({ name: 'request', path: `requests?open=${requestId}` })),
    { name: 'try-create', path: 'try?endpoint=create' },
    { name: 'callback-unknown', path: 'callbacks?open=999999999' },
  ]
}
