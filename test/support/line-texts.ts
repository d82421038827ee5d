import { type Line, type LineBlock, lineText } from '#src/segment/block-reader.js'

/** A line with what it says. */
export interface TextLine extends Pick<Line, 'offset' | 'length'> {
  readonly content: { readonly text: string } | { readonly problem: string }
}

/** The lines of a block, with what they say. */
export function textLines(block: LineBlock): TextLine[] {
  return block.lines.map((line) => ({
    offset: line.offset,
    length: line.length,
    content:
      line.problem === undefined ? { text: lineText(block, line) } : { problem: line.problem },
  }))
}
