import type { SimulatedWorldView } from '@qunhub/wire'
import { useWords } from '../preferences/use-preferences.tsx'
import { MoveButton } from './move-button.tsx'

/** What customers were sent and have not answered. */
export function CardsBox({ cards }: { readonly cards: SimulatedWorldView['cards'] }) {
  const { simulator: say } = useWords()
  return (
    <section className="box" aria-label={say.cards}>
      <header>
        <h2>{say.cards}</h2>
        <small>{say.cardsWhy}</small>
      </header>
      {cards.length === 0 && <p className="within quiet">{say.noCards}</p>}
      {cards.map(({ id, contact, topic, account }) => {
        const about = say.cardOf(contact, topic || say.unnamed)
        return (
          <div key={id} className="todo acts">
            <span className="tag wait">{account}</span>
            <div>
              <p>{about}</p>
            </div>
            <span className="row">
              {(['accept', 'decline'] as const).map(answer => (
                <MoveButton
                  key={answer}
                  verb="simulate-card"
                  input={{ card: id, answer }}
                  about={`${about} · ${say[answer]}`}
                  label={`${say[answer]} ${about}`}
                >
                  {say[answer]}
                </MoveButton>
              ))}
            </span>
          </div>
        )
      })}
    </section>
  )
}
