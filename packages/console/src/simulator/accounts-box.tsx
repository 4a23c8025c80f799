import type { SimulatedWorldView } from '@qunhub/wire'
import { useWords } from '../preferences/use-preferences.tsx'
import { stepsOf } from './caused.ts'
import { MoveButton } from './move-button.tsx'

/** Accounts come and go, and somebody scans their codes. */
export function AccountsBox({ accounts }: { readonly accounts: SimulatedWorldView['accounts'] }) {
  const { simulator: say } = useWords()
  return (
    <section className="box" aria-label={say.accounts}>
      <header>
        <h2>{say.accounts}</h2>
      </header>
      {accounts.map(({ wxid, userId, name, state }) => (
        <div key={wxid} className="todo acts">
          <span className={`tag ${state === 'online' ? 'ok' : 'bad'}`}>{say.states[state]}</span>
          <div>
            <p>{name}</p>
            <small className="mono">{userId}</small>
          </div>
          <span className="row">
            {stepsOf(state).map(to => (
              <MoveButton
                key={to}
                verb="simulate-account"
                input={{ account: wxid, to }}
                about={`${name} · ${say.become[to]}`}
                label={`${name} ${say.become[to]}`}
              >
                {say.become[to]}
              </MoveButton>
            ))}
          </span>
        </div>
      ))}
    </section>
  )
}
