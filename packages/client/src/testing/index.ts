export { type BodyOf, type Fake, type FakeOptions, postFake, signFake } from './sign-fake.ts'
export { startWorld, type World, WorldFailed, type WorldOptions } from './start-world.ts'
