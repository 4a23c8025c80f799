import { fieldForm, operatorVerbs, type VerbName } from '@qunhub/wire'

/** What the contract says of a verb, as far as its command and its call are made of it. */
export function declaredOf(name: VerbName) {
  const { command, byToken, input } = operatorVerbs[name]
  const forms = Object.entries(input.shape).map(([field, schema]) => [field, fieldForm(schema)] as const)
  return {
    command,
    byToken,
    kinds: Object.fromEntries(
      forms.map(([field, { kind }]) => [
        field,
        kind === 'flag' || kind === 'switch' || kind === 'time' ? kind : ('other' as const),
      ]),
    ),
    secrets: forms.filter(([, { isSecret }]) => isSecret).map(([field]) => field),
  }
}
