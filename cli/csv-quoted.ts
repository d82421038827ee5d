/**
 * What has quotes in CSV though it holds no comma or quote: an empty text, to be told from none,
 * and, as RFC 4180 asks, what holds either half of a line break. csv-stringify looks for whole ones.
 */
export const CSV_QUOTED = /^$|[\r\n]/
