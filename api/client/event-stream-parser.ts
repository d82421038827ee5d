/** What stands between two blank lines of an event stream. */
export interface StreamBlock {
  readonly event: string | undefined
  /** Undefined where the block only moves the position on. */
  readonly data: string | undefined
  /** The position behind it, if it names one. */
  readonly id: string | undefined
}

/**
 * Reads Server-Sent Events as the HTML standard has them. Unlike parsers of messages alone, it also
 * tells positions that come without a message.
 */
export class EventStreamParser {
  /** How long the server wants its clients to wait before they connect again, in milliseconds. */
  retryMs: number | undefined
  #begun = ''
  #endsInReturn = false
  #event: string | undefined
  #data: string | undefined
  #id: string | undefined

  /** Takes the next piece, cut wherever it may be. @returns the blocks that end in it */
  feed(piece: string): StreamBlock[] {
    if (piece === '') return []
    // The second half of a line end that was cut in two.
    const text = this.#endsInReturn && piece.startsWith('\n') ? piece.slice(1) : piece
    this.#endsInReturn = piece.endsWith('\r')
    const [first = '', ...others] = text.split(/\r\n|\r|\n/)
    const blocks: StreamBlock[] = []
    this.#begun += first
    for (const next of others) {
      if (this.#begun === '') blocks.push(...this.#endBlock())
      else this.#readField(this.#begun)
      this.#begun = next
    }
    return blocks
  }

  #readField(line: string): void {
    const colon = line.indexOf(':')
    const name = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (name === 'event') this.#event = value
    else if (name === 'data')
      this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`
    else if (name === 'id' && !value.includes('\0')) this.#id = value
    else if (name === 'retry' && /^\d+$/.test(value)) this.retryMs = Number(value)
  }

  #endBlock(): StreamBlock[] {
    const block = { event: this.#event, data: this.#data, id: this.#id }
    this.#event = this.#data = this.#id = undefined
    return block.data === undefined && block.id === undefined ? [] : [block]
  }
}
