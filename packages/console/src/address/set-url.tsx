import { ActDialog } from '../frame/acting/act-dialog.tsx'
import { Copyable } from '../frame/copyable.tsx'
import { useWorkspaceId } from '../frame/url-state.ts'
import { usePreferences } from '../preferences/use-preferences.tsx'
import { Examine } from './examine.tsx'

export function SetUrl({ label, isMain = false }: { readonly label: string; readonly isMain?: boolean }) {
  const { address: say } = usePreferences().words
  return (
    <ActDialog
      verb="set-callback-url"
      label={label}
      needs="owner"
      isMain={isMain}
      fixed={{ workspace: useWorkspaceId() }}
      fields={[{ name: 'url', label: say.url, kind: 'text', hint: say.urlHint, required: true }]}
      beside={({ url }) => <Examine url={url ?? ''} />}
      result={({ url, secret }) => (
        <>
          <p>
            <Copyable text={url} />
          </p>
          <p>{secret === null ? say.secretStays : say.newSecret}</p>
          {secret !== null && <Copyable text={secret} />}
        </>
      )}
    />
  )
}
