import { Button, TextInput } from '@mantine/core'
import type { BotLoginRecord, BotRecord } from '@qunhub/wire'
import { type FormEvent, useState } from 'react'
import { useAct } from '../api/use-verb.ts'
import { Copyable } from '../frame/copyable.tsx'
import { Complaint } from '../frame/say.tsx'
import { useWorkspaceId } from '../frame/url-state.ts'
import { useWords } from '../preferences/use-preferences.tsx'
import { QrPicture } from './qr-picture.tsx'
import { isWebAddress } from './standing.ts'

interface VerificationBoxProps {
  readonly bot: BotRecord
  readonly login: BotLoginRecord
  readonly now: number
  /** Why nobody should scan what is shown. */
  readonly stale: string | undefined
}

/** What WeCom wants proved of an account, within some two minutes. */
export function VerificationBox({ bot, login: { verification, qrcode }, now, stale }: VerificationBoxProps) {
  const { bots: say } = useWords()
  if (!verification) return null
  const { by, address, message, until, progress } = verification
  return (
    <div className="within stack">
      <h2>{say.verifyTitle}</h2>
      <p className="wait inset">{say.verifyLeft(Math.max(0, Math.round((until - now) / 1000)))}</p>
      <p>{say.verifyBy[by]}</p>
      {message !== '' && <p className="quiet">{message}</p>}
      {by === 'scan' && qrcode && <QrPicture text={qrcode.text} label={say.qrLabel} stale={stale} />}
      {by === 'slide' &&
        (isWebAddress(address) ? (
          <a href={address} target="_blank" rel="noopener noreferrer">
            {address}
          </a>
        ) : (
          <Copyable text={address} />
        ))}
      {by === 'code' && <CodeForm bot={bot} isWrong={progress === 'wrong-code'} />}
    </div>
  )
}

function CodeForm({ bot, isWrong }: { readonly bot: BotRecord; readonly isWrong: boolean }) {
  const { bots: say } = useWords()
  const workspace = useWorkspaceId()
  const [code, setCode] = useState('')
  const verify = useAct('verify-bot')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    verify.mutate({ workspace, bot: bot.id, code: code.trim() })
  }
  return (
    <form className="row" onSubmit={submit}>
      <TextInput
        aria-label={say.code}
        placeholder={say.code}
        value={code}
        required
        autoComplete="one-time-code"
        inputMode="numeric"
        error={isWrong ? say.wrongCode : undefined}
        onChange={event => setCode(event.currentTarget.value)}
      />
      <Button type="submit" variant="filled" loading={verify.isPending}>
        {say.submitCode}
      </Button>
      <Complaint failure={verify.error} />
    </form>
  )
}
