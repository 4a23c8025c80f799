import { TextInput } from '@mantine/core'
import { useEffect, useState } from 'react'

interface EnterFieldProps {
  readonly value: string
  readonly label: string
  readonly hint: string
  /** In pixels; left away, the field's own. */
  readonly width?: number
  choose(value: string): void
}

/**
 * A text that counts when it is left or entered: every letter of it would be a question to the gateway. The Enter that ends the
 * spelling of a Chinese word is not meant.
 */
export function EnterField({ value, label, hint, width, choose }: EnterFieldProps) {
  const [typed, setTyped] = useState(value)
  useEffect(() => setTyped(value), [value])
  const enter = () => typed.trim() !== value && choose(typed.trim())
  return (
    <TextInput
      aria-label={label}
      placeholder={hint}
      {...(width === undefined ? {} : { w: width })}
      value={typed}
      onChange={event => setTyped(event.currentTarget.value)}
      onBlur={enter}
      onKeyDown={event => event.key === 'Enter' && !event.nativeEvent.isComposing && enter()}
    />
  )
}
