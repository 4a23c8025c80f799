import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react'
import { en, type Words, zh } from '../words/words.ts'
import {
  keepPreferences,
  type Language,
  loadPreferences,
  type Preferences,
  type Zone,
} from './preferences.ts'

interface Preferred extends Preferences {
  readonly words: Words
  chooseLanguage(language: Language): void
  chooseZone(zone: Zone): void
}

const Here = createContext<Preferred | undefined>(undefined)

export function PreferencesProvider({ children }: { readonly children: ReactNode }) {
  const [preferences, setPreferences] = useState(loadPreferences)
  const { language } = preferences
  useEffect(() => {
    keepPreferences(preferences)
    document.documentElement.lang = preferences.language === 'zh' ? 'zh-CN' : 'en'
  }, [preferences])
  const preferred = useMemo(
    () => ({
      ...preferences,
      words: language === 'zh' ? zh : en,
      chooseLanguage: (chosen: Language) => setPreferences(before => ({ ...before, language: chosen })),
      chooseZone: (zone: Zone) => setPreferences(before => ({ ...before, zone })),
    }),
    [preferences, language],
  )
  return <Here value={preferred}>{children}</Here>
}

export function usePreferences(): Preferred {
  const preferred = useContext(Here)
  if (!preferred) throw new Error('PreferencesProvider is missing')
  return preferred
}

/** Every word on the screen, in the language that was chosen. */
export const useWords = (): Words => usePreferences().words
