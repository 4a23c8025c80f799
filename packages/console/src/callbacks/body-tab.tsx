import { CopyButton } from '../frame/copyable.tsx'
import { HereLink } from '../frame/page-link.tsx'
import { useUrlState } from '../frame/url-state.ts'
import { usePreferences } from '../preferences/use-preferences.tsx'
import { isNested, parseBody, WrittenNumber, written } from './parse-body.ts'

/** More than this at once is folded: a room has up to 500 members. */
const OPEN_CHILDREN_MAX = 20

/** The body as a tree, or byte for byte. */
export function BodyTab({ body }: { readonly body: string }) {
  const { callbacks: say } = usePreferences().words
  const [search] = useUrlState()
  const parsed = parseBody(body)
  const isRaw = search['as'] === 'raw' || parsed === undefined
  return (
    <>
      <div className="within row">
        <HereLink replace change={{ as: isRaw ? undefined : 'raw' }}>
          {isRaw ? say.asTree : say.raw}
        </HereLink>
        <span className="grow" />
        <CopyButton text={() => body}>{say.copyBody}</CopyButton>
      </div>
      {parsed === undefined && <p className="within">{say.noJson}</p>}
      {isRaw ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it with the arrows.
        <pre tabIndex={0}>{body}</pre>
      ) : (
        <BodyTree body={body} />
      )}
    </>
  )
}

/** What is no JSON is shown as it is. */
export function BodyTree({ body }: { readonly body: string }) {
  const parsed = parseBody(body)
  if (parsed === undefined) return <pre>{body}</pre>
  return (
    <ul className="tree">
      <Branch value={parsed} />
    </ul>
  )
}

function Branch({ value }: { readonly value: unknown }) {
  if (!isNested(value)) return <Leaf value={value} />
  return Object.entries(value).map(([key, within]) => (
    <li key={key}>
      {isNested(within) ? (
        <details open={Object.keys(within).length <= OPEN_CHILDREN_MAX}>
          <summary>
            <span className="k">{key}</span> {Array.isArray(within) ? `[${within.length}]` : '{}'}
          </summary>
          <ul className="tree">
            <Branch value={within} />
          </ul>
        </details>
      ) : (
        <>
          <span className="k">{key}</span>: <Leaf value={within} />
        </>
      )}
    </li>
  ))
}

function Leaf({ value }: { readonly value: unknown }) {
  const isNumber = value instanceof WrittenNumber
  return <span className={typeof value === 'string' ? 's' : isNumber ? 'n' : ''}>{written(value)}</span>
}
