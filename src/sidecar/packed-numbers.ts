/** What the header says: the width at 0, how many numbers follow at 4, their least at 8. */
const HEADER_BYTES = 16
const COUNT_AT = 4
const BASE_AT = 8

/** Numbers that follow each other take no bytes. */
const CONSECUTIVE = 0
/** A double's. */
const MAX_WIDTH = 8

/**
 * Whole numbers that a double counts exactly, as bytes: their distances from the least of
 * them or from 0, each in as many bytes (1, 2, 4 or 8) as the largest needs, in the
 * machine's byte order.
 */
export function packNumbers(values: ArrayLike<number>): Uint8Array {
  const first = values[0] ?? 0
  let least = first
  let most = first
  let consecutive = true
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? 0
    if (value < least) least = value
    if (value > most) most = value
    consecutive &&= value === first + index
  }
  const width = consecutive ? CONSECUTIVE : widthOf(most - least)
  // Where it costs nothing, from 0: numbers that are read as they stand are read faster. Those that
  // are far apart stand as they are in any case: no double might count their distance.
  const isFromZero = width === MAX_WIDTH || (least > 0 && widthOf(most) === width)
  const base = !consecutive && isFromZero ? 0 : least
  const packed = new Uint8Array(HEADER_BYTES + width * values.length)
  const header = new DataView(packed.buffer)
  header.setUint8(0, width)
  header.setUint32(COUNT_AT, values.length)
  header.setFloat64(BASE_AT, base)
  if (width !== CONSECUTIVE) {
    const distances = distancesIn(packed, width)
    for (let index = 0; index < values.length; index++) {
      distances[index] = (values[index] ?? 0) - base
    }
  }
  return packed
}

/** Numbers that were packed, as they were, each read by its index. */
export type UnpackedNumbers = Uint8Array | Uint16Array | Uint32Array | Float64Array

/**
 * The inverse of {@link packNumbers}. What it gives may stand in the bytes it
 * was given, so these must stay as they are.
 *
 * @throws RangeError when these are not such bytes
 */
export function unpackNumbers(packed: unknown): UnpackedNumbers {
  if (!(packed instanceof Uint8Array) || packed.length < HEADER_BYTES) throw notPacked()
  const header = new DataView(packed.buffer, packed.byteOffset, HEADER_BYTES)
  const width = header.getUint8(0)
  const count = header.getUint32(COUNT_AT)
  const base = header.getFloat64(BASE_AT)
  if (packed.length !== HEADER_BYTES + width * count || count > MAX_COUNT) throw notPacked()
  if (width === CONSECUTIVE) return consecutive(base, count)
  const distances = distancesIn(packed, width)
  return base === 0 ? distances : addTo(base, distances)
}

function consecutive(base: number, count: number): Float64Array {
  const values = new Float64Array(count)
  for (let index = 0; index < count; index++) values[index] = base + index
  return values
}

function addTo(base: number, distances: UnpackedNumbers): Float64Array {
  const values = new Float64Array(distances)
  for (let index = 0; index < values.length; index++) values[index] = base + (values[index] ?? 0)
  return values
}

/** More than are ever packed together: a damaged count is not to take the memory of the machine. */
const MAX_COUNT = 2 ** 24

function notPacked(): RangeError {
  return new RangeError('these bytes are no packed numbers')
}

function widthOf(distance: number): number {
  if (distance < 2 ** 8) return 1
  if (distance < 2 ** 16) return 2
  return distance < 2 ** 32 ? 4 : MAX_WIDTH
}

function distancesIn(packed: Uint8Array, width: number): UnpackedNumbers {
  const isAligned = (packed.byteOffset + HEADER_BYTES) % width === 0
  const { buffer, byteOffset, length } = isAligned ? packed : new Uint8Array(packed)
  const at = byteOffset + HEADER_BYTES
  const count = (length - HEADER_BYTES) / width
  switch (width) {
    case 1:
      return new Uint8Array(buffer, at, count)
    case 2:
      return new Uint16Array(buffer, at, count)
    case 4:
      return new Uint32Array(buffer, at, count)
    case MAX_WIDTH:
      return new Float64Array(buffer, at, count)
    default:
      throw notPacked()
  }
}
