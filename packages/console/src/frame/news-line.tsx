interface NewsLineProps {
  /** How many new ones there are, in words; undefined: none. */
  readonly news: string | undefined
  /** What is said meanwhile. */
  readonly none: string
  show(): void
}

/**
 * The line above a list that says what is new. It is there from the beginning, so that no row moves under the pointer when there is
 * something to say: a row that moves between pressing and letting go is not opened.
 */
export function NewsLine({ news, none, show }: NewsLineProps) {
  if (news === undefined) return <p className="news quiet">{none}</p>
  return (
    <button type="button" className="news" onClick={show}>
      {news}
    </button>
  )
}
