import { Textarea, TextInput } from '@mantine/core'
import { useId, useState } from 'react'
import { usePreferences } from '../preferences/use-preferences.tsx'
import { inLanguage } from '../words/in-language.ts'
import { soughtIn, type TryField } from './fields.ts'
import { useOffers } from './use-offers.ts'

interface TryFieldProps {
  readonly field: TryField
  readonly value: string
  change(value: string): void
}

/** A field of the request: ids are found by what people call whatever has them. */
export function TryInput({ field, value, change }: TryFieldProps) {
  const { words, language } = usePreferences()
  const { try: say } = words
  const { name, isRequired, isList, words: described, offered } = field
  const [isNear, setNear] = useState(false)
  const offers = useOffers(offered, soughtIn(value, isList), isNear)
  const list = useId()
  const shared = {
    label: name,
    description: described ? inLanguage(described, language) : undefined,
    required: isRequired,
    value,
    spellCheck: false,
    autoComplete: 'off',
    onFocus: () => setNear(true),
  }
  if (!isList)
    return (
      <>
        <TextInput
          {...shared}
          {...(offered ? { list, placeholder: say.findHint[offered] } : {})}
          onChange={event => change(event.currentTarget.value)}
        />
        {offered && (
          <datalist id={list}>
            {offers.map(offer => (
              <option key={`${offer.value} ${offer.label}`} value={offer.value}>
                {offer.label}
              </option>
            ))}
          </datalist>
        )}
      </>
    )
  const chosen = value.split('\n').map(line => line.trim())
  return (
    <div className="stack">
      <Textarea
        {...shared}
        autosize
        minRows={2}
        maxRows={8}
        placeholder={say.listHint}
        onChange={event => change(event.currentTarget.value)}
      />
      <select
        className="pick"
        aria-label={offered ? `${name}: ${say.findHint[offered]}` : name}
        value=""
        onFocus={() => setNear(true)}
        onPointerDown={() => setNear(true)}
        onChange={event => change([...chosen.filter(Boolean), event.currentTarget.value].join('\n'))}
      >
        <option value="">+ {name}</option>
        {offers
          .filter(offer => !chosen.includes(offer.value))
          .map(offer => (
            <option key={`${offer.value} ${offer.label}`} value={offer.value}>
              {offer.label} {offer.value}
            </option>
          ))}
      </select>
    </div>
  )
}
