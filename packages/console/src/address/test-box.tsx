import { failureWords } from '@qunhub/wire/words'
import { useAct } from '../api/use-verb.ts'
import { ActButton } from '../frame/acting/act-button.tsx'
import { Complaint } from '../frame/say.tsx'
import { useWorkspaceId } from '../frame/url-state.ts'
import { usePreferences } from '../preferences/use-preferences.tsx'
import { showCount } from '../show/moment.ts'
import { inLanguage } from '../words/in-language.ts'

export function TestBox() {
  const { words, language } = usePreferences()
  const { address: say } = words
  const workspace = useWorkspaceId()
  const test = useAct('test-callback')
  const { data } = test
  return (
    <section className="box">
      <header>
        <h2>{say.test}</h2>
        <span className="grow" />
        <ActButton verb="test-callback" needs="operator" doing={test} input={{ workspace }}>
          {say.test}
        </ActButton>
      </header>
      <div className="within stack">
        <p className="quiet">{say.testWhy}</p>
        <Complaint failure={test.error} />
        {data && (
          <div role="status" className="stack">
            <div className="row">
              <span className={`tag ${data.taken ? 'ok' : 'bad'}`}>
                {data.taken ? say.taken : say.refused}
              </span>
              <b>{data.status ?? data.errorClass}</b> {showCount(data.ms)} {say.ms}
            </div>
            {data.reason && <p>{inLanguage(failureWords(data.reason), language)}</p>}
            {data.advice && <p>{inLanguage(data.advice, language)}</p>}
            {data.answer && <pre className="inset">{data.answer}</pre>}
          </div>
        )}
      </div>
    </section>
  )
}
