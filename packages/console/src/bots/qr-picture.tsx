import { useMemo } from 'react'
import { useWords } from '../preferences/use-preferences.tsx'
import { modulesOf, qrPath } from './qr-path.ts'

interface QrPictureProps {
  readonly text: string
  readonly label: string
  /** What stands over it while nobody should scan it. */
  readonly stale: string | undefined
}

/** The border is the frame's own. An empty text is no code yet. */
export function QrPicture({ text, label, stale: given }: QrPictureProps) {
  const { bots: say } = useWords()
  const modules = useMemo(() => modulesOf(text), [text])
  const stale = given ?? (modules.length === 0 ? say.noCode : undefined)
  const size = modules.length || 1
  return (
    <div className={stale === undefined ? 'qr' : 'qr stale'}>
      <svg viewBox={`0 0 ${size} ${size}`} shapeRendering="crispEdges" role="img" aria-label={stale ?? label}>
        <path d={qrPath(modules)} fill="#000" />
      </svg>
      {stale !== undefined && <b>{stale}</b>}
    </div>
  )
}
