import { codeSamples, curl, type Endpoint } from '@qunhub/wire'
import { useState } from 'react'
import { apiBase } from '../api/api-base.ts'
import { CopyButton } from '../frame/copyable.tsx'
import { useWords } from '../preferences/use-preferences.tsx'

interface CodeBoxProps {
  readonly endpoint: Endpoint
  readonly body: Readonly<Record<string, unknown>>
}

/** The call that is filled in, as a line for a shell and as programs; the token is for whoever runs them to put in. */
export function CodeBox({ endpoint, body }: CodeBoxProps) {
  const { try: say, frame } = useWords()
  const { name, method, path } = endpoint
  const call = { name, method, path, example: { token: 'your-token', ...body } }
  const base = apiBase()
  const samples = [{ language: 'curl', code: curl(call, base) }, ...codeSamples(call, base)]
  const [chosen, setChosen] = useState('curl')
  const { code } = samples.find(({ language }) => language === chosen) ?? { code: '' }
  return (
    <section className="box" aria-label={say.code}>
      <header>
        <h2>{say.code}</h2>
        <span className="grow" />
        <select
          className="pick"
          aria-label={say.language}
          value={chosen}
          onChange={event => setChosen(event.currentTarget.value)}
        >
          {samples.map(({ language }) => (
            <option key={language} value={language}>
              {language}
            </option>
          ))}
        </select>
        <CopyButton text={() => code}>{frame.copy}</CopyButton>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it with the arrows. */}
      <pre tabIndex={0}>{code}</pre>
      <p className="within quiet">{say.codeWhy}</p>
    </section>
  )
}
