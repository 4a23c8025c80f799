/** One of a few, or any: a filter that is chosen and not typed. */
interface PickProps {
  readonly label: string
  /** Empty: any. */
  readonly value: string
  readonly any: string
  readonly options: readonly (readonly [value: string, label: string])[]
  choose(value: string | undefined): void
}

export function Pick({ label, value, any, options, choose }: PickProps) {
  return (
    <select
      className="pick"
      aria-label={label}
      value={value}
      onChange={event => choose(event.currentTarget.value || undefined)}
    >
      <option value="">{any}</option>
      {options.map(([each, called]) => (
        <option key={each} value={each}>
          {called}
        </option>
      ))}
    </select>
  )
}
