import { ActDialog } from '../frame/acting/act-dialog.tsx'
import { useWorkspaceId } from '../frame/url-state.ts'
import { usePreferences } from '../preferences/use-preferences.tsx'

export function HeaderBox({ header }: { readonly header: string | null }) {
  const { address: say } = usePreferences().words
  const workspace = useWorkspaceId()
  return (
    <section className="box">
      <header>
        <h2>{say.header}</h2>
        <code>{header === null ? say.noHeader : `${header}: …`}</code>
        <span className="grow" />
        <ActDialog
          verb="set-callback-header"
          label={say.setHeader}
          needs="owner"
          fixed={{ workspace }}
          fields={[
            { name: 'header', label: say.headerName, kind: 'text', required: true, hint: 'X-Api-Key' },
            { name: 'value', label: say.headerValue, kind: 'secret', required: true },
          ]}
        />
        {header !== null && (
          <ActDialog
            verb="clear-callback-header"
            label={say.clearHeader}
            needs="owner"
            fixed={{ workspace }}
          />
        )}
      </header>
      <p className="within quiet">{say.headerWhy}</p>
    </section>
  )
}
