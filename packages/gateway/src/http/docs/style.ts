/** One sheet for all pages: light and dark, readable at 390 px, where rows of tables become cards; nothing from elsewhere. */
export const STYLE = `:root { color-scheme: light dark; --ink: #1f2328; --dim: #59636e; --line: #d1d9e0; --paper: #fff; --code: #f3f5f7; --link: #0958d9 }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --dim: #9aa4af; --line: #3a424c; --paper: #12161b; --code: #1d232a; --link: #6cb0ff } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 60rem; padding: 1rem; color: var(--ink); background: var(--paper); font: 15px/1.65 system-ui, "PingFang SC", "Microsoft YaHei", sans-serif; overflow-wrap: break-word }
h1 { font-size: 1.5rem } h2 { margin-top: 2.5rem; font-size: 1.2rem; border-top: 1px solid var(--line); padding-top: 1rem } h3 { font-size: 1rem }
a { color: var(--link) } nav { display: flex; flex-wrap: wrap; gap: .25rem 1rem } nav a { padding: .15rem 0 }
code, pre { font: 13px/1.5 ui-monospace, Menlo, Consolas, monospace; background: var(--code); border-radius: 4px }
code { padding: 0 .25em } pre { margin: .5rem 0; padding: .75rem; overflow-x: auto } pre code { padding: 0 }
summary { cursor: pointer; padding: .25rem 0; color: var(--link) }
.codes { display: flex; flex-wrap: wrap; gap: 0 1.25rem } .codes details[open] { flex-basis: 100%; min-width: 0 }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line) }
td { overflow-wrap: anywhere } td:first-child { min-width: 4.5rem }
th, .dim { color: var(--dim); font-weight: normal }
@media (max-width: 640px) {
  table, tbody, tr, td { display: block } thead { display: none }
  tr { margin: .5rem 0; padding: .5rem .75rem; border: 1px solid var(--line); border-radius: 6px }
  td { padding: .1rem 0; border: 0 } td:empty { display: none }
  td:not(:first-child)::before { content: attr(data-head) "  "; color: var(--dim); font-size: 12px; white-space: pre }
}
`
