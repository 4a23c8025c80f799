export { type Cancel, type Clock, systemClock, systemTimers, type Timers } from './clock.ts'
export {
  COLD_ROOMS,
  type ColdRooms,
  FAULT_MODES,
  type FaultInput,
  type FaultMode,
  type FaultTarget,
} from './faults/fault-schema.ts'
export { type Fault, Faults, TooManyFaults } from './faults/faults.ts'
export { type AskedCall, AskedCalls } from './puppet/asked-calls.ts'
export { PuppetPortTaken } from './puppet/puppet-server.ts'
export { SCENES, type Scene, sceneOfName } from './scenes/scenes.ts'
export { openSimulator, type Simulator, type SimulatorOptions } from './simulator.ts'
export { StateFileCorrupt, StateFileUnwritable } from './state-file.ts'
export type { NewBot, NewContact, NewCorp, NewCoworker } from './world/add-people.ts'
export type { NewRoom } from './world/add-room.ts'
export { ROOM_MEMBERS_DIRECT_INVITE_MAX, ROOM_MEMBERS_MAX } from './world/platform-limits.ts'
export { type RefusalReason, UnknownId, WeComRefused } from './world/refused.ts'
export type { WorldSnapshot } from './world/snapshot.ts'
export { World, type WorldOptions } from './world/world.ts'
export type { WorldEvent, WorldListener } from './world/world-events.ts'
export type {
  Bot,
  BotKind,
  BotState,
  Contact,
  ContactKind,
  Corp,
  Coworker,
  ExternalContact,
  ExternalKind,
  Invitation,
  Member,
  Message,
  Room,
  Wxid,
} from './world/world-state.ts'
