import { notifications } from '@mantine/notifications'
import type { AddressRecord } from '@qunhub/wire'
import { Refused } from '../api/failures.ts'
import { useAct, useVerb } from '../api/use-verb.ts'
import { ActButton } from '../frame/acting/act-button.tsx'
import { ActDialog } from '../frame/acting/act-dialog.tsx'
import { Copyable } from '../frame/copyable.tsx'
import { Moment } from '../frame/moment.tsx'
import { PageLink } from '../frame/page-link.tsx'
import { Complaint, Failure, Nothing, Waiting } from '../frame/say.tsx'
import { useWorkspaceId } from '../frame/url-state.ts'
import { usePreferences } from '../preferences/use-preferences.tsx'
import { showCount } from '../show/moment.ts'
import { ExamineBox } from './examine.tsx'
import { HeaderBox } from './header-box.tsx'
import { KindsBox } from './kinds-box.tsx'
import { SecretBox } from './secret-box.tsx'
import { SetUrl } from './set-url.tsx'
import { TestBox } from './test-box.tsx'

export function AddressPage() {
  const { address: say, frame } = usePreferences().words
  const { data, error, refetch } = useVerb('show-callback-address', { workspace: useWorkspaceId() })
  const isUnset = error instanceof Refused && error.refused === 'callback-url-unset'
  return (
    <>
      <div className="head">
        <h1>{frame.pages.address}</h1>
      </div>
      {isUnset && (
        <section className="box">
          <Nothing title={say.unset}>
            <p>{say.unsetWhy}</p>
            <SetUrl label={say.set} isMain />
          </Nothing>
        </section>
      )}
      {error && !isUnset && <Failure failure={error} again={() => void refetch()} />}
      {!data && !error && <Waiting />}
      {data && !isUnset && (
        <div className="two">
          <div className="stack">
            <AddressBox address={data} />
            <KindsBox />
          </div>
          <div className="stack">
            <TestBox />
            <ExamineBox />
            <SecretBox />
            <HeaderBox header={data.header} />
          </div>
        </div>
      )}
    </>
  )
}

const TONES = { closed: 'ok', open: 'bad', 'half-open': 'wait' } as const

function AddressBox({ address }: { readonly address: AddressRecord }) {
  const { address: say } = usePreferences().words
  const workspace = useWorkspaceId()
  const resume = useAct('resume-callbacks', { onDone: () => notifications.show({ message: say.resumed }) })
  const { url, breaker, openUntil, inFlightMax, waiting, oldestOwedAt } = address
  return (
    <section className="box">
      <header>
        <h2>{say.base}</h2>
        <span className="grow" />
        <SetUrl label={say.change} />
        <ActDialog verb="clear-callback-url" label={say.clear} needs="owner" fixed={{ workspace }}>
          <p>{say.clearWhy}</p>
        </ActDialog>
      </header>
      <dl className="facts">
        <dt>{say.url}</dt>
        <dd>
          <Copyable text={url} />
        </dd>
        <dt>{say.breaker}</dt>
        <dd className="row">
          <span className={`tag ${TONES[breaker]}`}>{say.breakers[breaker]}</span>
          {breaker !== 'closed' && (
            <ActButton isSmall verb="resume-callbacks" needs="operator" doing={resume} input={{ workspace }}>
              {say.resume}
            </ActButton>
          )}
          <Complaint failure={resume.error} />
        </dd>
        {breaker !== 'closed' && (
          <>
            <dt>{say.probeAt}</dt>
            <dd>
              <Moment at={openUntil} /> {say.openWhy}
            </dd>
          </>
        )}
        <dt>{say.waiting}</dt>
        <dd>
          <PageLink page="callbacks" search={{ state: 'due' }}>
            {showCount(waiting)}
          </PageLink>
        </dd>
        <dt>{say.oldest}</dt>
        <dd>
          <Moment at={oldestOwedAt} />
        </dd>
        <dt>{say.inFlight}</dt>
        <dd>{inFlightMax}</dd>
      </dl>
    </section>
  )
}
