import { systemErrorCode, TurnlogError } from '../../src/errors.js'

/** How bad something is: `note` is worth knowing, `problem` is to be mended. */
export type Status = 'ok' | 'note' | 'problem'

/** What one check of `turnlog doctor` came to. */
export interface Finding {
  readonly check: string
  readonly status: Status
  readonly message: string
  /** What to do about it. */
  readonly hint?: string
}

/** Something that was looked at: its findings come from {@link Check.look}, which may fail. */
export interface Check {
  readonly name: string
  /** Left out where the root cannot be read: one finding says that. */
  readonly needsRoot?: true
  readonly look: () => Iterable<Omit<Finding, 'check'>>
}

/** What a check finds; a check that cannot be made is a finding, too. */
export function* findingsOf({ name, look }: Check): Generator<Finding> {
  try {
    for (const finding of look()) yield { check: name, ...finding }
  } catch (error) {
    const hint = error instanceof TurnlogError ? error.hint : undefined
    const message =
      error instanceof TurnlogError
        ? error.message
        : `cannot be looked at (${systemErrorCode(error) ?? String(error)})`
    yield { check: name, status: 'problem', message, ...(hint === undefined ? {} : { hint }) }
  }
}
