import { Modal } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useNavigate } from '@tanstack/react-router'
import { type KeyboardEvent, useEffect, useId, useState } from 'react'
import { useVerb } from '../api/use-verb.ts'
import { DAILY_PAGES, MANAGE_PAGES, OWNERS_PAGES, SIMULATED_PAGES } from '../frame/pages.ts'
import { rowAfter } from '../frame/row-after.ts'
import { Complaint } from '../frame/say.tsx'
import { useMay, useSignedIn } from '../frame/session.ts'
import { useWorkspaceId } from '../frame/url-state.ts'
import { useWords } from '../preferences/use-preferences.tsx'
import { moreRoomsPlace, type Place, pagesThatFit, placeOf } from './places.ts'

const ASK_AFTER_MS = 150

/** Ctrl or ⌘ and K: a page, or whatever goes by an id. */
export function Palette({ close }: { readonly close: () => void }) {
  const { palette: say } = useWords()
  return (
    <Modal
      opened
      onClose={close}
      withCloseButton={false}
      centered={false}
      yOffset="10vh"
      size={560}
      padding={0}
      attributes={{ content: { 'aria-label': say.title } }}
    >
      <Finder close={close} />
    </Modal>
  )
}

function Finder({ close }: { readonly close: () => void }) {
  const { palette: say } = useWords()
  const [text, setText] = useState('')
  const [isSpelling, setSpelling] = useState(false)
  const { places, error, isAsking } = usePlaces(text, isSpelling)
  const [at, setAt] = useState(0)
  const go = useGo(close)
  const list = useId()
  const idOf = (n: number) => `${list}-${n}`
  const chosen = Math.min(at, places.length - 1)
  useEffect(() => {
    // Newer browsers answer with a promise, which is nothing to clean up by.
    void document.getElementById(`${list}-${chosen}`)?.scrollIntoView({ block: 'nearest' })
  }, [list, chosen])
  const press = (event: KeyboardEvent) => {
    // The Enter that ends the spelling of a Chinese word is not meant.
    if (event.nativeEvent.isComposing) return
    const place = places[chosen]
    if (event.key === 'ArrowDown') setAt(rowAfter(chosen, 1, places.length))
    else if (event.key === 'ArrowUp') setAt(rowAfter(chosen, -1, places.length))
    else if (event.key === 'Enter' && place) go(place)
    else return
    event.preventDefault()
  }
  return (
    <div className="palette">
      <input
        data-autofocus
        className="pick"
        role="combobox"
        aria-label={say.title}
        aria-expanded={places.length > 0}
        aria-controls={list}
        aria-autocomplete="list"
        {...(places.length > 0 ? { 'aria-activedescendant': idOf(chosen) } : {})}
        placeholder={say.hint}
        autoComplete="off"
        spellCheck={false}
        value={text}
        onCompositionStart={() => setSpelling(true)}
        onCompositionEnd={() => setSpelling(false)}
        onChange={event => {
          setText(event.currentTarget.value)
          setAt(0)
        }}
        onKeyDown={press}
      />
      <Complaint failure={error} />
      <div id={list} role="listbox" aria-label={say.results} className="found">
        {places.map((place, n) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the field, which keeps the focus.
          <div
            key={place.key}
            id={idOf(n)}
            role="option"
            tabIndex={-1}
            aria-selected={n === chosen}
            onClick={() => go(place)}
          >
            <span className="tag mute">{say.kinds[place.kind]}</span>
            <span className="grow">{place.name}</span>
            <small className="mono">{place.about}</small>
          </div>
        ))}
      </div>
      {places.length === 0 && !isAsking && !error && (
        <p className="within quiet" role="status">
          {say.none}
        </p>
      )}
    </div>
  )
}

function useGo(close: () => void): (place: Place) => void {
  const navigate = useNavigate()
  const workspace = useWorkspaceId()
  return ({ page, search }) => {
    close()
    void navigate({ to: `/w/${workspace}/${page}`, search })
  }
}

/** Pages at once; the rest is asked when the typing pauses, and never while a word is being spelled. */
function usePlaces(text: string, isSpelling: boolean) {
  const words = useWords()
  const workspace = useWorkspaceId()
  const isOwner = useMay('owner')
  const { simulated } = useSignedIn()
  const [sought] = useDebouncedValue(isSpelling ? '' : text.trim(), ASK_AFTER_MS)
  const found = useVerb('list-matches', { workspace, sought }, { every: false, enabled: sought !== '' })
  const managing = MANAGE_PAGES.filter(page => isOwner || !OWNERS_PAGES.includes(page))
  const pages = [...DAILY_PAGES, ...(simulated ? SIMULATED_PAGES : []), ...managing]
  const isTold = sought !== '' && found.data !== undefined && !found.isPlaceholderData
  const { matches, moreRooms } = (isTold && found.data) || { matches: [], moreRooms: false }
  return {
    places: [
      ...pagesThatFit(text, pages, words),
      ...matches.map(placeOf),
      ...(moreRooms ? [moreRoomsPlace(sought, words)] : []),
    ],
    error: sought === '' ? null : found.error,
    isAsking: text.trim() !== sought || (sought !== '' && !isTold && found.error === null),
  }
}
