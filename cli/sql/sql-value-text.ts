import type { SqlValue } from '../../src/sidecar/prepare-query.js'

/** A value as JSON: integers with all their digits, blobs as Datasette writes them. */
export function jsonOf(value: SqlValue): string {
  if (value === null) return 'null'
  if (typeof value === 'string') return jsonText(value)
  if (value instanceof Uint8Array) {
    return `{"$base64":true,"encoded":"${Buffer.from(value).toString('base64')}"}`
  }
  return numberText(value)
}

/** A text as JSON without anything that could steer a terminal. */
export function jsonText(text: string): string {
  return JSON.stringify(text).replaceAll(/[\u007f-\u009f\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/** A value as plain text; blobs as SQL spells them. */
export function textOf(value: Exclude<SqlValue, null>): string {
  if (typeof value === 'string') return value
  if (value instanceof Uint8Array) return `x'${Buffer.from(value).toString('hex')}'`
  return numberText(value)
}

/** A number as SQL and JSON spell it alike; a real shows that it is one. */
function numberText(value: number | bigint): string {
  if (typeof value === 'bigint') return value.toString()
  if (!Number.isFinite(value)) return value > 0 ? '9e999' : '-9e999'
  const text = String(value)
  return /^-?\d+$/.test(text) ? `${text}.0` : text
}
