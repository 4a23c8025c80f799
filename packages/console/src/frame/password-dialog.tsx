import { Button, Modal, PasswordInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { changePassword } from '../api/ask.ts'
import { SESSION } from '../api/query-client.ts'
import { useDoing } from '../api/use-doing.ts'
import { useWords } from '../preferences/use-preferences.tsx'
import { PASSWORD_CHARACTERS_MIN } from '../sign-in/password-length.ts'
import { Complaint } from './say.tsx'

interface PasswordDialogProps {
  readonly isOpen: boolean
  close(): void
}

/** Of oneself. Whoever else is signed in under this name, anywhere, is signed out by it. */
export function PasswordDialog({ isOpen, close }: PasswordDialogProps) {
  const { password: say, frame } = useWords()
  return (
    <Modal
      opened={isOpen}
      onClose={close}
      title={say.title}
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': frame.close }}
    >
      <Form close={close} />
    </Modal>
  )
}

function Form({ close }: Pick<PasswordDialogProps, 'close'>) {
  const { password: say, frame } = useWords()
  const [current, setCurrent] = useState('')
  const [fresh, setFresh] = useState('')
  const [again, setAgain] = useState('')
  const client = useQueryClient()
  const change = useDoing({
    act: () => changePassword({ current, password: fresh }),
    onDone: session => {
      client.setQueryData(SESSION, session)
      notifications.show({ message: say.changed })
      close()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (fresh === again) change.mutate()
  }
  const isOther = again !== '' && again !== fresh
  return (
    <form className="stack" onSubmit={submit}>
      <p>{say.why}</p>
      <PasswordInput
        label={say.current}
        value={current}
        autoComplete="current-password"
        required
        onChange={event => setCurrent(event.currentTarget.value)}
      />
      <PasswordInput
        label={say.fresh}
        description={say.hint}
        value={fresh}
        autoComplete="new-password"
        minLength={PASSWORD_CHARACTERS_MIN}
        required
        onChange={event => setFresh(event.currentTarget.value)}
      />
      <PasswordInput
        label={say.again}
        value={again}
        autoComplete="new-password"
        required
        error={isOther ? say.differs : undefined}
        onChange={event => setAgain(event.currentTarget.value)}
      />
      <Complaint failure={change.error} />
      <div className="row">
        <span className="grow" />
        <Button onClick={close}>{frame.cancel}</Button>
        <Button type="submit" variant="filled" loading={change.isPending} disabled={isOther}>
          {say.submit}
        </Button>
      </div>
    </form>
  )
}
