/** Setting up, signing in, another password: each ends in a new session, under an id that nobody had before. */
import type { PersonId } from '@qunhub/wire'
import type { Keyring } from '../model/keyring.ts'
import { done, type Result, refuse } from '../model/result.ts'
import { plainSetupCode } from '../model/setup-code.ts'
import type { Database } from '../store/database/database.ts'
import { findPerson, nameKey } from '../store/people/people.ts'
import { beginSession, replacePassword, type SessionOfPerson } from '../store/people/sessions.ts'
import { useCode, vetCode } from '../store/people/setup-codes.ts'
import { type Clock, HOUR_MS } from '../system/clock.ts'
import type { Log } from '../system/log.ts'
import { hex24, type Random } from '../system/random.ts'
import type { GuessDelays, TooSoon } from './guess-delays.ts'
import type { PasswordBench } from './password-bench.ts'

export const SESSION_MS = 12 * HOUR_MS
/** 256 bits, as a token has. */
const SESSION_ID_BYTES = 32

export interface SignInDeps {
  readonly db: Database
  readonly keyring: Keyring
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly passwords: PasswordBench
  readonly delays: GuessDelays
}

/** `credentials-wrong` has as its detail whose they would have been, where there is such a person: for the log alone. */
type Held = TooSoon | 'busy'

export interface Begun {
  /** For the cookie, and for nobody else. */
  readonly sessionId: string
  readonly personId: PersonId
}

/** `shown` is the session that the browser had until now, if any: it ends. */
export async function signIn(
  { name, password }: { name: string; password: string },
  { address, shown }: { address: string; shown: string | undefined },
  deps: SignInDeps,
): Promise<Result<Begun, 'credentials-wrong' | Held>> {
  const { db, keyring, passwords, delays } = deps
  const account = nameKey(name)
  return delays.attempt({ account, address }, async () => {
    const person = await findPerson(db, name)
    const isNamed = person !== undefined && nameKey(person.name) === account
    const kept = isNamed ? person.password : null
    const isRight = await passwords.compare(password, kept)
    if (isRight === null) return refuse('busy')
    if (!isRight || !person || !kept) return refuse('credentials-wrong', isNamed ? person.id : undefined)

    const { sessionId, session } = newSession(person.id, deps)
    const instead = shown === undefined ? undefined : keyring.hashToken(shown)
    if (!(await beginSession(db, session, { password: kept, instead }))) return refuse('credentials-wrong')
    return done({ sessionId, personId: person.id })
  })
}

/** A right code waits for nobody's guesses: it is too long to be guessed, and the way back for whoever has to wait. */
export async function setUp(
  { code, name, password }: { code: string; name: string; password: string },
  { address }: { address: string },
  deps: SignInDeps,
): Promise<Result<Begun, 'code-wrong' | 'code-of-another' | 'people-full' | Held>> {
  const { db, keyring, clock, random, passwords, delays } = deps
  const hash = keyring.hashToken(plainSetupCode(code))
  const vetted = await vetCode(db, hash, name, clock.now())
  if (!vetted.ok) return delays.attempt({ account: null, address }, async () => vetted)
  const hashed = await passwords.hash(password)
  if (hashed === null) return refuse('busy')

  const newId = hex24(random) as PersonId
  const { sessionId, session } = newSession(newId, deps)
  const used = await useCode(db, { hash, name, password: hashed, at: session.at, newId, session })
  return used.ok ? done({ sessionId, personId: used.value }) : used
}

/** Of whoever is signed in; the present password is asked for, since a browser may have been left open. */
export async function changePassword(
  { current, password }: { current: string; password: string },
  { address, person }: { address: string; person: SessionOfPerson },
  deps: SignInDeps,
): Promise<Result<Begun, 'credentials-wrong' | Held>> {
  const { db, passwords, delays } = deps
  return delays.attempt({ account: nameKey(person.name), address }, async () => {
    const kept = (await findPerson(db, person.personId))?.password
    const isRight = await passwords.compare(current, kept)
    if (isRight === null) return refuse('busy')
    if (!isRight || !kept) return refuse('credentials-wrong', person.personId)
    const to = await passwords.hash(password)
    if (to === null) return refuse('busy')

    const { sessionId, session } = newSession(person.personId, deps)
    if (!(await replacePassword(db, session, { from: kept, to }))) return refuse('credentials-wrong')
    return done({ sessionId, personId: person.personId })
  })
}

function newSession(personId: PersonId, { keyring, clock, random }: SignInDeps) {
  const sessionId = random.bytes(SESSION_ID_BYTES).toString('base64url')
  const at = clock.now()
  const session = { hash: keyring.hashToken(sessionId), personId, at, expiresAt: at + SESSION_MS }
  return { sessionId, session }
}
