import { consoleRoot } from '../api/console-root.ts'
import { usePreferences } from '../preferences/use-preferences.tsx'
import { errorPageOf, generalMeaning, meaningsOf } from './explain.ts'

/** The gateway's own address: the console stands below it. */
export const gatewayRoot = `${consoleRoot(import.meta.url)}../`

interface MeaningsProps {
  readonly path: string
  readonly status: number
  readonly code: number | null
}

/** What an answer means, how to check it and what next, as far as its code says it. */
export function Meanings({ path, status, code }: MeaningsProps) {
  const { words, language } = usePreferences()
  const { requests: say } = words
  const spoken = language === 'zh' ? 'chinese' : 'english'
  const errorPage = errorPageOf(path, code, status)
  const general = generalMeaning(status)
  const meanings = general ? [{ ...general, message: general.message[spoken] }] : meaningsOf(path, code)
  return (
    <>
      {meanings.map(({ word, message, help }) => (
        <section key={word} className="within">
          <h2>
            {message} <code>{word}</code>
          </h2>
          <dl className="facts">
            <dt>{say.means}</dt>
            <dd>{help.means[spoken]}</dd>
            <dt>{say.check}</dt>
            <dd>{help.check[spoken]}</dd>
            <dt>{say.whatNext}</dt>
            <dd>{help.next[spoken]}</dd>
          </dl>
        </section>
      ))}
      {errorPage && (
        <p className="within">
          <a href={gatewayRoot + errorPage}>{say.errorPage}</a>
        </p>
      )}
    </>
  )
}
