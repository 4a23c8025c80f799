import { Navigate } from '@tanstack/react-router'
import { useWords } from '../preferences/use-preferences.tsx'
import { AddWorkspace } from './add-workspace.tsx'
import { FIRST_PAGE } from './pages.ts'
import { Nothing } from './say.tsx'
import { useSignedIn } from './session.ts'
import { useWorkspaceId } from './url-state.ts'

export function ToFirstWorkspace() {
  const { frame } = useWords()
  const [first] = useSignedIn().workspaces
  if (first) return <Navigate to={`/w/${first.id}/${FIRST_PAGE}`} replace />
  return (
    <main className="door">
      <Nothing title={frame.noWorkspace}>
        <p>{frame.noWorkspaceWhy}</p>
        <AddWorkspace />
      </Nothing>
    </main>
  )
}

export function ToFirstPage() {
  return <Navigate to={`/w/${useWorkspaceId()}/${FIRST_PAGE}`} replace />
}
