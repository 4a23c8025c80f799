import { encodeQR } from 'qr'
import { useMemo } from 'react'
import { qrPath } from './qr-path.ts'

interface QrPictureProps {
  readonly text: string
  readonly label: string
  /** What stands over it once its time is over. */
  readonly stale: string | undefined
}

/** The border is the frame's own. An empty text is no code yet. */
export function QrPicture({ text, label, stale }: QrPictureProps) {
  const modules = useMemo(() => (text === '' ? [] : encodeQR(text, 'raw', { ecc: 'low', border: 1 })), [text])
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
