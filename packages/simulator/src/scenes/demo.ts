import { roomAlias } from '../world/chinese-names.ts'
import { ROOM_MEMBERS_DIRECT_INVITE_MAX } from '../world/platform-limits.ts'
import type { World } from '../world/world.ts'

const CUSTOMERS = 12
const COWORKER_NAMES = [
  '店长-周敏',
  '客服-林晓',
  '导购-陈立群',
  '运营-何佳琪',
  '区域经理-王建国',
  '售后-吴婷婷',
]

/** One company with two bots and rooms of every kind: the world to meet first. */
export function demo(world: World): void {
  const corp = world.addCorp({ name: '群枢示范' })
  const xiaobei = world.addBot({ userId: 'xiaobei', nickName: '小北', corpId: corp.id })
  const xiaonan = world.addBot({ userId: 'xiaonan', nickName: '小南', corpId: corp.id })
  const staff = COWORKER_NAMES.map(name => world.addCoworker({ name, corpId: corp.id }).wxid)

  const customers = Array.from({ length: CUSTOMERS }, (_, n) => {
    const friendOf =
      n % 3 === 0 ? [xiaobei.wxid, xiaonan.wxid] : n % 3 === 1 ? [xiaobei.wxid] : [xiaonan.wxid]
    // One in six works for another company, one has no unionId: both happen, and both are forgotten in code.
    return world.addContact({
      kind: n % 6 === 5 ? 'wecom' : 'wechat',
      friendOf,
      ...(n === 7 ? { unionId: null } : {}),
    }).wxid
  })
  const [manager = xiaobei.wxid, service = xiaobei.wxid] = staff

  world.addRoom({
    topic: '城西银泰会员福利群',
    ownerId: xiaobei.wxid,
    members: [manager, ...customers.slice(0, 5)],
  })
  world.addRoom({
    topic: '老客户答谢群',
    ownerId: manager,
    members: [xiaobei.wxid, xiaonan.wxid, ...customers.slice(2, 9)],
  })
  world.addRoom({ topic: '售后服务群', ownerId: service, members: [xiaonan.wxid, ...customers.slice(6)] })
  world.addRoom({
    topic: '门店员工群',
    ownerId: manager,
    members: [xiaobei.wxid, xiaonan.wxid, ...staff.slice(1)],
  })

  // One more and the next contact gets a card instead of being pulled in.
  const nearlyForty = world.addRoom({
    topic: '周末团购一群',
    ownerId: manager,
    members: [xiaobei.wxid, ...customers.slice(0, 3)],
  })
  world.fillRoom(nearlyForty.wxid, ROOM_MEMBERS_DIRECT_INVITE_MAX - 1)
  const overForty = world.addRoom({
    topic: '周末团购二群',
    ownerId: manager,
    members: [xiaobei.wxid, xiaonan.wxid, ...customers.slice(3, 6)],
  })
  world.fillRoom(overForty.wxid, ROOM_MEMBERS_DIRECT_INVITE_MAX + 2)

  for (const room of world.rooms.values()) {
    for (const { wxid } of room.members.values()) {
      if (world.chance.happens(10)) world.setAlias(room.wxid, wxid, roomAlias(world.chance))
    }
  }
}
