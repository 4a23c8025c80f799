import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { askVerb } from '../api/ask.ts'
import { ActDialog } from '../frame/acting/act-dialog.tsx'
import { Copyable } from '../frame/copyable.tsx'
import { Moment } from '../frame/moment.tsx'
import { Complaint } from '../frame/say.tsx'
import { useMay } from '../frame/session.ts'
import { useWorkspaceId } from '../frame/url-state.ts'
import { usePreferences } from '../preferences/use-preferences.tsx'

const OVERLAP_HOURS_DEFAULT = 24

export function SecretBox() {
  const { address: say } = usePreferences().words
  const workspace = useWorkspaceId()
  const may = useMay('owner')
  // Asked for by hand and kept by this page alone: a secret is nothing to read again and again.
  const shown = useMutation({ mutationFn: () => askVerb('show-callback-secret', { workspace }) })
  return (
    <section className="box">
      <header>
        <h2>{say.secret}</h2>
        <span className="grow" />
        <Button disabled={!may} loading={shown.isPending} onClick={() => shown.mutate()}>
          {say.showSecret}
        </Button>
        <ActDialog
          verb="rotate-callback-secret"
          label={say.rotate}
          needs="owner"
          fixed={{ workspace }}
          fields={[
            {
              name: 'overlapHours',
              label: say.overlap,
              kind: 'number',
              required: true,
              initial: OVERLAP_HOURS_DEFAULT,
            },
          ]}
          onDone={() => shown.reset()}
          result={({ secret, formerUntil }) => (
            <>
              <p>{say.newSecret}</p>
              <Copyable text={secret} />
              <p>
                {say.formerUntil} <Moment at={formerUntil} />
              </p>
            </>
          )}
        />
      </header>
      <div className="within stack">
        <p className="quiet">{say.secretWhy}</p>
        <Complaint failure={shown.error} />
        {shown.data && <Copyable text={shown.data.secret} />}
      </div>
    </section>
  )
}
