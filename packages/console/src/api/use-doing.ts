import { useMutation } from '@tanstack/react-query'
import { useRef } from 'react'

interface Doing<Answer, Input> {
  readonly act: (input: Input) => Promise<Answer>
  readonly onDone?: (answer: Answer, input: Input) => void
}

/**
 * What changes something. The same thing is not done twice at a time: a button that shows `isPending` takes no
 * presses either, but is drawn so some time after the first one, and a form is sent by its fields, too.
 */
export function useDoing<Answer, Input = void>({ act, onDone }: Doing<Answer, Input>) {
  const underWay = useRef(new Set<string | undefined>())
  const { data, error, isPending, mutate, reset } = useMutation<Answer, Error, Input>({
    mutationFn: async input => {
      try {
        return await act(input)
      } finally {
        underWay.current.delete(JSON.stringify(input))
      }
    },
    onSuccess: (answer, input) => onDone?.(answer, input),
  })
  const doOnce = (input: Input) => {
    const asked = JSON.stringify(input)
    if (underWay.current.has(asked)) return
    underWay.current.add(asked)
    mutate(input)
  }
  return { data, error, isPending, reset, mutate: doOnce }
}
