import type { ByteSpan } from '../src/event/line-scanner.js'

/** UTF-8 takes so many bytes for a UTF-16 code unit at the most. */
const MAX_BYTES_PER_UNIT = 3
const GROWTH = 1.5

/** Texts one behind the other, the first of them what a block of lines says. */
export class TextArena {
  /** Others once it had to grow; what stood in the old ones stands at the same place. */
  bytes: Buffer<ArrayBuffer>
  /** So many bytes are used. */
  used: number

  constructor(bytes: Buffer<ArrayBuffer>, used: number) {
    this.bytes = bytes
    this.used = used
  }

  /** Adds a text. */
  write(text: string): ByteSpan {
    this.reserve(text.length * MAX_BYTES_PER_UNIT)
    const start = this.used
    this.used += this.bytes.write(text, start)
    return { start, end: this.used }
  }

  /** All that was written. */
  written(): Uint8Array<ArrayBuffer> {
    const { buffer, byteOffset } = this.bytes
    return new Uint8Array(buffer, byteOffset, this.used)
  }

  /** Makes room for so many further bytes. */
  reserve(bytes: number): void {
    const needed = this.used + bytes
    if (needed <= this.bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.ceil(Math.max(needed, this.bytes.length * GROWTH)))
    this.bytes.copy(larger, 0, 0, this.used)
    this.bytes = larger
  }
}
