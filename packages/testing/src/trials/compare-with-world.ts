import type { World } from '@qunhub/simulator'
import { listByMHTag } from '@qunhub/wire'

const PAGE = 100

/** In what the lists of a gateway and the world differ, room by room and member by member; empty when they agree. */
export async function compareWithWorld(
  { baseUrl, token }: { baseUrl: string; token: string },
  world: World,
  botWxid: string,
): Promise<string[]> {
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

  const inside = [...world.rooms.values()].filter(({ members }) => members.has(botWxid))
  const missing = inside.filter(({ wxid }) => !listed.has(wxid)).map(({ wxid }) => `${wxid} is not listed`)
  const others = [...listed.keys()].filter(wxid => !world.rooms.get(wxid)?.members.has(botWxid))
  const differing = inside.filter(({ wxid, members }) => {
    const kept = listed.get(wxid)
    return kept !== undefined && kept.join() !== [...members.keys()].toSorted().join()
  })
  return [
    ...missing,
    ...twice,
    ...others.map(wxid => `${wxid} is listed, and the bot is not in it`),
    ...differing.map(({ wxid }) => `${wxid} has other members`),
  ]
}
