import { endpoints, type SimulatedFault, type SimulatedWorldView, simulatedFaults } from '@qunhub/wire'
import { consoleRoot } from '../api/console-root.ts'
import { usePreferences } from '../preferences/use-preferences.tsx'
import { answerOf } from './answer-of.ts'
import { MoveButton } from './move-button.tsx'

const root = `${consoleRoot(import.meta.url)}../`

type FaultName = keyof typeof simulatedFaults
const NAMES = Object.keys(simulatedFaults) as FaultName[]

/** What may go wrong, each with what the next call will answer. */
export function FaultsBox({ faults }: { readonly faults: SimulatedWorldView['faults'] }) {
  const { words, language } = usePreferences()
  const { simulator: say } = words
  const spoken = language === 'zh' ? 'chinese' : 'english'
  return (
    <section className="box" aria-label={say.faults}>
      <header>
        <h2>{say.faults}</h2>
        <span className="grow" />
        <MoveButton verb="clear-simulated-faults" input={{}} about="" disabled={faults.length === 0}>
          {say.clear}
        </MoveButton>
      </header>
      {faults.length > 0 && (
        <p className="within row">
          {say.active}
          {faults.map(({ name, on, mode, times }, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two may be alike.
            <span key={at} className="tag wait">
              {name ? simulatedFaults[name].what[spoken] : `${on} ${mode}`} ·{' '}
              {times === null ? say.untilCleared : say.left(times)}
            </span>
          ))}
        </p>
      )}
      <p className="within quiet">{say.faultsWhy}</p>
      {NAMES.map(name => {
        const fault: SimulatedFault = simulatedFaults[name]
        const what = fault.what[spoken]
        return (
          <div key={name} className="todo acts">
            <AnswerTag fault={fault} />
            <div>
              <p>{what}</p>
              <small>{fault.seen[spoken]}</small>
            </div>
            <span className="row">
              {!fault.lasting && (
                <MoveButton
                  verb="simulate-fault"
                  input={{ fault: name, times: 1 }}
                  about={what}
                  label={`${say.once} ${what}`}
                >
                  {say.once}
                </MoveButton>
              )}
              <MoveButton
                verb="simulate-fault"
                input={{ fault: name }}
                about={what}
                label={`${say.always} ${what}`}
              >
                {say.always}
              </MoveButton>
            </span>
          </div>
        )
      })}
    </section>
  )
}

function AnswerTag({ fault }: { readonly fault: SimulatedFault }) {
  const answer = answerOf(fault, endpoints)
  if (!answer) return <span className="tag mute">—</span>
  if (answer.code === 0) return <span className="tag ok">0</span>
  return (
    <a
      className="tag bad"
      href={`${root}docs/errors/${answer.name}/${answer.code}`}
      title={fault.answers?.path}
    >
      {answer.code}
    </a>
  )
}
