const CONTROL_CHARACTERS =
  // eslint-disable-next-line no-control-regex -- these are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]+/g

/**
 * A text on one line, with blanks in the place of control characters: what an event says, or
 * a name is, cannot steer a terminal.
 */
export function printable(text: string): string {
  return text.replaceAll(CONTROL_CHARACTERS, ' ')
}
