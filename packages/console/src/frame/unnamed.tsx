import { useWords } from '../preferences/use-preferences.tsx'

/** Above the column of buttons: who does not see it is told what it is. */
export function Unnamed() {
  const { frame } = useWords()
  return (
    <th>
      <span className="away">{frame.actions}</span>
    </th>
  )
}
