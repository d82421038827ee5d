import { InvalidArgumentError } from 'commander'

/** A number of things, from a command line. */
export function parseCount(text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new InvalidArgumentError('a whole number from 1.')
}
