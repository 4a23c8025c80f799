/**
 * A double click presses once, and so does a key that is held down. What was asked for may be done before the second half comes; then it
 * would be done once more, or whatever stands at that place by then: the opposite, or the same thing to the next one of a list. Heard
 * for all buttons at once, before anything else hears it, so that none can be forgotten. What only shows more says so (`data-again`), and each press of it
 * counts. The steps of a number are no clicks: they count when they are pressed down.
 */

/** A switch is clicked by way of its label. */
const PRESSED = 'button, [role="menuitem"], [role="switch"], label[for]'

export function pressOnce(page: Pick<Document, 'addEventListener'>): void {
  page.addEventListener('click', dropSecondHalf, { capture: true })
  page.addEventListener('keydown', dropHeldEnter, { capture: true })
}

/** Clicks at one place, one soon after the other, are counted by the browser; what a key presses has no count. */
function dropSecondHalf(event: MouseEvent): void {
  if (event.detail <= 1 || !(event.target instanceof Element)) return
  const pressed = event.target.closest(PRESSED)
  if (!pressed || pressed.matches('[data-again]')) return
  event.preventDefault()
  event.stopPropagation()
}

/** Enter presses a button, and sends the form of a field. In a text of several lines it is a new line. */
function dropHeldEnter(event: KeyboardEvent): void {
  if (event.repeat && event.key === 'Enter' && !(event.target instanceof HTMLTextAreaElement))
    event.preventDefault()
}
