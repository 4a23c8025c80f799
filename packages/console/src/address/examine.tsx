import { Button } from '@mantine/core'
import { useAct } from '../api/use-verb.ts'
import { Complaint } from '../frame/say.tsx'
import { useMay } from '../frame/session.ts'
import { Steps } from '../frame/steps.tsx'
import { useWorkspaceId } from '../frame/url-state.ts'
import { useWords } from '../preferences/use-preferences.tsx'

interface ExamineProps {
  /** Another address than the one that is set; empty while nobody has typed it. */
  readonly url?: string
}

/** A receiver step by step, the one that is set or one that is about to be. */
export function Examine({ url }: ExamineProps) {
  const { steps: say, frame } = useWords()
  const workspace = useWorkspaceId()
  const may = useMay('owner')
  const look = useAct('examine-receiver')
  const { data } = look
  return (
    <div className="stack">
      <div className="row">
        <Button
          disabled={!may || url === ''}
          title={may ? undefined : frame.roleTooLow(frame.roles.owner)}
          loading={look.isPending}
          onClick={() => look.mutate({ workspace, ...(url === undefined ? {} : { url }) })}
        >
          {url === undefined ? say.examine : say.examineFirst}
        </Button>
        {look.isPending && <span role="status">{say.trying}</span>}
      </div>
      <Complaint failure={look.error} />
      {data && (
        <div role="status" className="inset">
          <Steps steps={data.steps} />
          <p>{data.isWell ? say.well : say.ill}</p>
        </div>
      )}
    </div>
  )
}

export function ExamineBox() {
  const { steps: say } = useWords()
  return (
    <section className="box">
      <header>
        <h2>{say.examine}</h2>
      </header>
      <div className="within stack">
        <p className="quiet">{say.examineWhy}</p>
        <Examine />
      </div>
    </section>
  )
}
