import type { Room, World } from '@qunhub/simulator'
import { listByMHTag } from '@qunhub/wire'

const PAGE = 100

/**
 * In what the lists of a gateway and the rooms of the workspace's bots in the world differ, room by room and member by member; empty
 * when they agree.
 */
export async function compareWithWorld(
  { baseUrl, token }: { baseUrl: string; token: string },
  world: World,
  ...botWxids: readonly string[]
): Promise<string[]> {
  const bots = new Set(botWxids)
  const isInside = ({ members }: Room) => members.keys().some(member => bots.has(member))
  const listed = new Map<string, string[]>()
  const twice: string[] = []
  for (let current = 1, total = 1; (current - 1) * PAGE < total; current++) {
    const query = new URLSearchParams({ token, current: `${current}`, pageSize: `${PAGE}` })
    const answer = await fetch(`${baseUrl}/room/listByMHTag?${query}`)
    const { data, page } = listByMHTag.reply.parse(await answer.json())
    total = page?.total ?? 0
    for (const { wxid, members, memberCount } of data) {
      if (listed.has(wxid)) twice.push(`${wxid} is listed twice`)
      if (memberCount !== members.length) twice.push(`${wxid} miscounts its members`)
      listed.set(wxid, members.map(member => member.wxid).toSorted())
    }
  }

  const inside = [...world.rooms.values()].filter(isInside)
  const missing = inside.filter(({ wxid }) => !listed.has(wxid)).map(({ wxid }) => `${wxid} is not listed`)
  const insideIds = new Set(inside.map(({ wxid }) => wxid))
  const others = [...listed.keys()].filter(wxid => !insideIds.has(wxid))
  const differing = inside.filter(({ wxid, members }) => {
    const kept = listed.get(wxid)
    return kept !== undefined && kept.join() !== [...members.keys()].toSorted().join()
  })
  return [
    ...missing,
    ...twice,
    ...others.map(wxid => `${wxid} is listed, and no bot is in it`),
    ...differing.map(({ wxid }) => `${wxid} has other members`),
  ]
}
