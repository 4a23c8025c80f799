export { type BodyOf, type Fake, type FakeOptions, postFake, signFake } from './sign-fake.ts'
