import { Button } from '@mantine/core'
import { useAct } from '../api/use-verb.ts'
import { Complaint } from '../frame/say.tsx'
import { Steps } from '../frame/steps.tsx'
import { usePreferences } from '../preferences/use-preferences.tsx'

interface TryPuppetProps {
  /** As the form would send it. */
  readonly given: {
    readonly workspace?: string | undefined
    readonly bot?: string | undefined
    readonly endpoint?: string | undefined
    readonly discovery?: string | undefined
    readonly token?: string | undefined
    readonly tls?: boolean | undefined
  }
  /** Who should be logged in, where somebody has said it. */
  readonly expected: string | undefined
}

/** Tries what is typed before it is saved: how far it comes, and who is logged in there. */
export function TryPuppet({ given, expected }: TryPuppetProps) {
  const { steps: say } = usePreferences().words
  const trial = useAct('try-puppet')
  const { workspace, bot, endpoint, discovery, token, tls } = given
  const isComplete = bot !== undefined || (token !== undefined && (endpoint ?? discovery) !== undefined)
  const asked = Object.fromEntries(
    Object.entries({ workspace, bot, endpoint, discovery, token, tls }).filter(
      ([, value]) => value !== undefined,
    ),
  )
  const { data } = trial
  const other = data?.account && expected && data.account.userId !== expected ? data.account.userId : null
  return (
    <div className="stack">
      <div className="row">
        <Button
          disabled={!isComplete}
          title={isComplete ? undefined : say.needs}
          loading={trial.isPending}
          onClick={() => trial.mutate(asked)}
        >
          {say.tryIt}
        </Button>
        {trial.isPending && <span role="status">{say.trying}</span>}
      </div>
      <Complaint failure={trial.error} />
      {data && (
        <div role="status" className="inset">
          <Steps steps={data.steps} />
          <p>{data.reached ? say.reached : say.notReached}</p>
          {other !== null && <p className="wait inset">{say.other(other, expected ?? '')}</p>}
        </div>
      )}
    </div>
  )
}
