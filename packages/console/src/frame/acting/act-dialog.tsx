import { Button, Modal, NumberInput, PasswordInput, Select, Switch, TextInput } from '@mantine/core'
import type { Role, VerbAsk, VerbName, VerbOutput } from '@qunhub/wire'
import { type FormEvent, type ReactNode, useId, useState } from 'react'
import { useAct } from '../../api/use-verb.ts'
import { type Field, filledIn, type Typed } from '../../fields/field.ts'
import { useWords } from '../../preferences/use-preferences.tsx'
import { SameThing } from '../same-thing.tsx'
import { Complaint } from '../say.tsx'
import { useMay } from '../session.ts'
import { isConfirmed } from './confirm.ts'

interface ActDialogProps<N extends VerbName> {
  readonly verb: N
  /** On the button that opens it; on the one that does it, too, where `act` says nothing else. */
  readonly label: string
  readonly act?: string
  readonly needs: Role
  readonly fields?: readonly Field[]
  /** What is sent besides what is typed. */
  readonly fixed: Partial<VerbAsk<N>>
  /** What has to be typed before it is done: the name of what is lost, see `toConfirm`. */
  readonly confirm?: string
  readonly isMain?: boolean
  readonly isSmall?: boolean
  readonly children?: ReactNode
  /** Below the fields, of what would be sent: to try it before. */
  readonly beside?: (input: VerbAsk<N>) => ReactNode
  /** What came of it stays there to be read until it is closed: a secret that is shown once. */
  readonly result?: (answer: VerbOutput<N>) => ReactNode
  readonly onDone?: (answer: VerbOutput<N>) => void
}

/** A verb as a button and a form: what it does in words, its fields, and the same thing as a command. */
export function ActDialog<N extends VerbName>(props: ActDialogProps<N>) {
  const { label, needs, isMain = false, isSmall = false } = props
  const { frame } = useWords()
  const may = useMay(needs)
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <Button
        {...(isMain ? { variant: 'filled' } : {})}
        {...(isSmall ? { size: 'compact-sm' } : {})}
        disabled={!may}
        title={may ? undefined : frame.roleTooLow(frame.roles[needs])}
        onClick={() => setOpen(true)}
      >
        {label}
      </Button>
      <Modal
        opened={isOpen}
        onClose={() => setOpen(false)}
        title={label}
        // What is typed, or a secret that is shown once, is not lost by a slip of the mouse.
        closeOnClickOutside={false}
        closeButtonProps={{ 'aria-label': frame.close }}
      >
        <Form {...props} close={() => setOpen(false)} />
      </Modal>
    </>
  )
}

function Form<N extends VerbName>(props: ActDialogProps<N> & { close(): void }) {
  const {
    verb,
    label,
    act = label,
    fields = [],
    fixed,
    confirm,
    children,
    beside,
    result,
    onDone,
    close,
  } = props
  const { frame } = useWords()
  const [typed, setTyped] = useState<Typed>(() =>
    Object.fromEntries(fields.map(({ name, initial }) => [name, initial ?? ''])),
  )
  const [confirmed, setConfirmed] = useState('')
  const doing = useAct(verb, {
    onDone: answer => {
      onDone?.(answer)
      if (!result) close()
    },
  })
  const input = { ...fixed, ...filledIn(fields, typed) } as VerbAsk<N>
  const submit = (event: FormEvent) => {
    event.preventDefault()
    doing.mutate(input)
  }
  if (result && doing.data !== undefined)
    return (
      <div className="stack">
        {result(doing.data)}
        <Button variant="filled" onClick={close}>
          {frame.close}
        </Button>
      </div>
    )
  return (
    <form className="stack" onSubmit={submit}>
      {children}
      {fields.map(field => (
        <Input
          key={field.name}
          field={field}
          value={typed[field.name]}
          change={value => setTyped(before => ({ ...before, [field.name]: value }))}
        />
      ))}
      {beside?.(input)}
      {confirm !== undefined && (
        <TextInput
          label={frame.typeToConfirm(confirm)}
          value={confirmed}
          autoComplete="off"
          onChange={event => setConfirmed(event.currentTarget.value)}
        />
      )}
      <Complaint failure={doing.error} />
      <div className="row">
        <span className="grow" />
        <Button onClick={close}>{frame.cancel}</Button>
        <Button
          type="submit"
          variant="filled"
          {...(confirm === undefined ? {} : { color: 'var(--danger)' })}
          loading={doing.isPending}
          disabled={confirm !== undefined && !isConfirmed(confirmed, confirm)}
        >
          {act}
        </Button>
      </div>
      <SameThing verb={verb} input={input} />
    </form>
  )
}

interface InputProps {
  readonly field: Field
  readonly value: Typed[string] | undefined
  change(value: Typed[string]): void
}

function Input({ field, value, change }: InputProps) {
  const { label, hint, required = false } = field
  const id = useId()
  const described = { id, label, ...(hint === undefined ? {} : { description: hint }) }
  const text = String(value ?? '')
  switch (field.kind) {
    case 'text':
      return (
        <TextInput
          {...described}
          required={required}
          value={text}
          autoComplete="off"
          spellCheck={false}
          onChange={event => change(event.currentTarget.value)}
        />
      )
    case 'secret':
      return (
        <PasswordInput
          {...described}
          required={required}
          value={text}
          autoComplete="new-password"
          onChange={event => change(event.currentTarget.value)}
        />
      )
    case 'number':
      return (
        <NumberInput
          {...described}
          required={required}
          value={typeof value === 'number' ? value : ''}
          allowDecimal={false}
          onChange={chosen => change(chosen)}
        />
      )
    case 'switch':
      return (
        <Switch
          {...described}
          checked={value === true}
          onChange={event => change(event.currentTarget.checked)}
        />
      )
    case 'choice':
      return (
        <Select
          {...described}
          required={required}
          data={[...(field.choices ?? [])]}
          value={text}
          allowDeselect={false}
          onChange={chosen => change(chosen ?? '')}
        />
      )
    default:
      return field.kind satisfies never
  }
}
