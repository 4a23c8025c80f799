import { notifications } from '@mantine/notifications'
import type { ContactRecord } from '@qunhub/wire'
import { useAct, useVerb } from '../api/use-verb.ts'
import { EnterField } from '../fields/enter-field.tsx'
import { ActButton } from '../frame/acting/act-button.tsx'
import { Copyable } from '../frame/copyable.tsx'
import { NextButton } from '../frame/next-button.tsx'
import { Complaint, Failure, Nothing, Waiting } from '../frame/say.tsx'
import { useUrlState, useWorkspaceId } from '../frame/url-state.ts'
import { useWords } from '../preferences/use-preferences.tsx'
import { BotChoice } from '../rooms/bot-choice.tsx'
import { IdsAccepted } from './ids-accepted.tsx'
import { ImportDialog } from './import-dialog.tsx'

const ROWS_PER_PAGE = 100

export function ContactsPage() {
  const { pages, frame } = useWords()
  const { contacts: say, rooms } = pages
  const workspace = useWorkspaceId()
  const [{ id, bot, after }, change] = useUrlState()
  const { data, error, refetch, isPlaceholderData } = useVerb('list-contacts', {
    workspace,
    ...(id ? { id } : {}),
    ...(bot ? { bot } : {}),
    ...(after ? { after } : {}),
    limit: ROWS_PER_PAGE,
  })
  const resolve = useAct('resolve-contacts', {
    onDone: ({ asked, resolved }) => notifications.show({ message: say.resolved(asked, resolved) }),
  })
  return (
    <>
      <div className="head">
        <h1>{frame.pages.contacts}</h1>
        <span className="grow" />
        <ImportDialog />
        <ActButton verb="resolve-contacts" needs="operator" doing={resolve} input={{ workspace }}>
          {say.resolve}
        </ActButton>
      </div>
      <Complaint failure={resolve.error} />
      <div className="filters">
        <EnterField
          value={id ?? ''}
          label={say.idHint}
          hint={say.idHint}
          width={320}
          choose={typed => change({ id: typed, after: undefined })}
        />
        <BotChoice bot={bot ?? ''} choose={chosen => change({ bot: chosen, after: undefined })} />
      </div>
      <section className="box" aria-label={frame.pages.contacts}>
        {error && <Failure failure={error} again={() => void refetch()} />}
        {!data && !error && <Waiting rows={12} />}
        {data?.contacts.length === 0 && (
          <Nothing title={id ? say.noneFits : say.none}>{!id && <p>{say.noneWhy}</p>}</Nothing>
        )}
        {data && data.contacts.length > 0 && <ContactTable contacts={data.contacts} />}
        {(after || data?.next) && (
          <footer>
            <NextButton
              key={JSON.stringify({ workspace, id, bot })}
              cursor={data?.next}
              isLast={!data?.next}
              isReading={isPlaceholderData}
              next={() => change({ after: data?.next ?? undefined })}
              first={after && rooms.first}
            >
              {say.after}
            </NextButton>
          </footer>
        )}
      </section>
      <IdsAccepted />
    </>
  )
}

function ContactTable({ contacts }: { readonly contacts: readonly ContactRecord[] }) {
  const { contacts: say } = useWords().pages
  return (
    <div className="scrolls">
      <table className="fold">
        <thead>
          <tr>
            <th>{say.name}</th>
            <th>{say.relation}</th>
            <th>wxid</th>
            <th>userId / externalUserId</th>
            <th>unionId</th>
          </tr>
        </thead>
        <tbody>
          {contacts.map(contact => {
            const { botId, wxid, name, alias, userId, externalUserId, unionId, isFriend, coworker } = contact
            return (
              <tr key={`${botId} ${wxid}`}>
                <td title={name}>
                  {name} {alias && <small>{alias}</small>}
                </td>
                <td>
                  <span className={`tag ${coworker ? 'info' : isFriend ? 'ok' : 'mute'}`}>
                    {coworker ? say.coworker : isFriend ? say.friend : say.stranger}
                  </span>
                </td>
                <td>
                  <Copyable text={wxid} />
                </td>
                <td className="hide">
                  <Known id={userId ?? externalUserId} />
                </td>
                <td className="hide">
                  <Known id={unionId} />
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

const Known = ({ id }: { readonly id: string | null }) => (id === null ? <>—</> : <Copyable text={id} />)
