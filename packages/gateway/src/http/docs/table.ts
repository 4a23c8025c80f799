import { type Html, html } from './html.ts'

/** On a narrow screen each row becomes a card (style.ts), whose lines say what the head said: so each cell carries it. */
export const table = (heads: readonly string[], rows: readonly (readonly (Html | string)[])[]): Html =>
  html`<table><thead><tr>${heads.map(head => html`<th scope="col">${head}</th>`)}</tr></thead><tbody>${rows.map(
    cells => html`<tr>${cells.map((cell, at) => html`<td data-head="${heads[at]!}">${cell}</td>`)}</tr>`,
  )}</tbody></table>`
