import type { StepRecord } from '@qunhub/wire'
import { usePreferences } from '../preferences/use-preferences.tsx'
import { showCount } from '../show/moment.ts'
import { inLanguage } from '../words/in-language.ts'

const TONES = { passed: 'ok', warned: 'wait', failed: 'bad', unseen: 'mute' } as const

/** What was tried, one after another, up to what failed. */
export function Steps({ steps }: { readonly steps: readonly StepRecord[] }) {
  const { words, language } = usePreferences()
  const { steps: say } = words
  return (
    <dl className="facts">
      {steps.flatMap(({ step, verdict, ms, said }) => [
        <dt key={step}>{say.steps[step] ?? step}</dt>,
        <dd key={`${step} seen`}>
          <span className={`tag ${TONES[verdict]}`}>{say.verdicts[verdict]}</span>{' '}
          {inLanguage(said, language)}{' '}
          <small>
            {showCount(ms)} {say.ms}
          </small>
        </dd>,
      ])}
    </dl>
  )
}
