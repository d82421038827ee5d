import type { Line, LineBlock } from '#src/segment/block-reader.js'

/** A line with what it says. */
export interface TextLine extends Pick<Line, 'offset' | 'length'> {
  readonly content: { readonly text: string } | { readonly problem: string }
}

/** The lines of a block, with what they say. */
export function textLines({ text, lines }: Pick<LineBlock, 'text' | 'lines'>): TextLine[] {
  return lines.map(({ offset, length, content }) => ({
    offset,
    length,
    content: 'problem' in content ? content : { text: text.slice(content.start, content.end) },
  }))
}
