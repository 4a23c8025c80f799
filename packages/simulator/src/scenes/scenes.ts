import { STORM_OF_SCENE, type StormWish } from '../storm.ts'
import { UnknownId } from '../world/refused.ts'
import type { World } from '../world/world.ts'
import { demo } from './demo.ts'
import { fullRoom, internalRoom, twoBotsOneUser } from './edge-cases.ts'
import { large } from './large.ts'

export type Scene = (world: World) => void

interface NamedScene {
  name: string
  about: string
  build: Scene
  /** What begins as soon as the world is served. */
  storm?: StormWish
}

/** The worlds that can be asked for by name. Everything random in them comes from the world's own chance. */
export const SCENES: readonly NamedScene[] = [
  { name: 'demo', about: '一家企业,两个在线托管账号,大小不同的内外部群', build: demo },
  { name: 'full-room', about: '一个已满 500 人的外部群', build: fullRoom },
  { name: 'internal-room', about: '一个只有同事的内部群', build: internalRoom },
  { name: 'two-bots-one-user', about: '两家企业里 userId 相同的两个托管账号', build: twoBotsOneUser },
  {
    name: 'large',
    about: '压力场景:large(群数,每群人数),默认 large(1000,100)',
    build: world => large(world),
  },
  {
    name: 'storm',
    about: '风暴:20 个 30 人的群,每秒 50 次进群、退群、改名,偶尔一个群连发 10 次,共 10000 次 (many events)',
    build: world => large(world, 20, 30),
    storm: STORM_OF_SCENE,
  },
  {
    name: 'empty',
    about: '只有一家企业,没有托管账号',
    build: world => void world.addCorp({ name: '群枢示范' }),
  },
]

const LARGE = /^large\((\d{1,5}),(\d{1,3})\)$/

/** The storm that comes with a scene; undefined for most. */
export const stormOfScene = (name: string): StormWish | undefined =>
  SCENES.find(each => each.name === name)?.storm

/** Finds a scene by its name; `large(200,50)` carries its size with it. */
export function sceneOfName(name: string): Scene {
  const sized = LARGE.exec(name.replaceAll(' ', ''))
  if (sized) return world => large(world, Number(sized[1]), Number(sized[2]))

  const scene = SCENES.find(each => each.name === name)
  if (!scene) throw new UnknownId('scene', `${name} (${SCENES.map(each => each.name).join(', ')})`)
  return scene.build
}
