import { useEffect, useState } from 'react'
import { usePreferences } from '../preferences/use-preferences.tsx'
import { fromField, toField } from '../show/moment.ts'

interface MomentFieldProps {
  readonly label: string
  readonly at: number | undefined
  choose(at: number | undefined): void
}

/** A moment to choose, in the zone in which all others are shown. It counts when it is left or entered, and not digit by digit. */
export function MomentField({ label, at, choose }: MomentFieldProps) {
  const eye = usePreferences()
  const shown = at === undefined ? '' : toField(at, eye)
  const [typed, setTyped] = useState(shown)
  useEffect(() => setTyped(shown), [shown])
  const enter = () => typed !== shown && choose(fromField(typed, eye))
  return (
    <label className="row quiet">
      {label}
      <input
        className="pick"
        type="datetime-local"
        value={typed}
        onChange={event => setTyped(event.currentTarget.value)}
        onBlur={enter}
        onKeyDown={event => event.key === 'Enter' && enter()}
      />
    </label>
  )
}
