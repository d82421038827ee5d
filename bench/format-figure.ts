/** A count, with thousands set apart. */
export function number(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

/** Microseconds, to a tenth. */
export function micros(value: number): string {
  return value.toFixed(1)
}

/** Microseconds given in milliseconds. */
export function millis(value: number): string {
  return (value / 1000).toFixed(2)
}

/** Bytes given in whole MiB. */
export function mebibytes(value: number): string {
  return number(value / 2 ** 20)
}

/** A figure beside its goal: what is missed stands out. */
export function verdict(figure: string, isMet: boolean): string {
  return isMet ? figure : `**${figure}: missed**`
}

/** Bytes given in whole MB, which are a million each. */
export function megabytes(value: number): string {
  return number(value / 1e6)
}
