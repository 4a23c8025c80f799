import { Outlet } from '@tanstack/react-router'
import { useRef } from 'react'
import { useWords } from '../preferences/use-preferences.tsx'
import { SignIn } from '../sign-in/sign-in.tsx'
import { Failure, Waiting } from './say.tsx'
import { useSession } from './session.ts'

/**
 * Nobody passes who is not signed in. He is asked at the address where he is, and goes on there: so no address is handed along
 * that somebody else could have written.
 */
export function Gate() {
  const { frame } = useWords()
  const { data, error, refetch } = useSession()
  const wasIn = useRef(false)
  if (data?.signedIn) {
    wasIn.current = true
    return <Outlet />
  }
  if (data) return <SignIn session={data} isOver={wasIn.current} />
  return (
    <main className="door" aria-label={frame.name}>
      {error ? <Failure failure={error} again={() => void refetch()} /> : <Waiting rows={3} />}
    </main>
  )
}
