import { usePreferences } from '../preferences/use-preferences.tsx'
import { fromField, toField } from '../show/moment.ts'

interface MomentFieldProps {
  readonly label: string
  readonly at: number | undefined
  choose(at: number | undefined): void
}

/** A moment to choose, in the zone in which all others are shown. */
export function MomentField({ label, at, choose }: MomentFieldProps) {
  const eye = usePreferences()
  return (
    <label className="row quiet">
      {label}
      <input
        className="pick"
        type="datetime-local"
        value={at === undefined ? '' : toField(at, eye)}
        onChange={event => choose(fromField(event.currentTarget.value, eye))}
      />
    </label>
  )
}
