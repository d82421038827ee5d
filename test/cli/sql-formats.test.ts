import { describe, expect, it } from 'vitest'
import { ROW_FORMATS } from '#cli/sql/row-formats.js'

const rows = (count: number): [bigint][] =>
  Array.from({ length: count }, (_, index): [bigint] => [BigInt(index)])

describe('rows as a table', () => {
  it('wait for each other, so that small parts make one table', () => {
    const { rows: write, end } = ROW_FORMATS.table(['n'])
    expect(write(rows(3)) + write(rows(3))).toBe('')
    expect(end(false)).toBe('n\n0\n1\n2\n0\n1\n2\n')
  })

  it('make another table after a thousand', () => {
    const { rows: write, end } = ROW_FORMATS.table(['n'])
    const tables = (write(rows(1500)) + write(rows(1000)) + end(false)).split('\n\n')
    expect(tables.map((table) => table.trim().split('\n').length)).toEqual([1001, 1001, 501])
  })

  it('end with the last full one', () => {
    const { rows: write, end } = ROW_FORMATS.table(['n'])
    write(rows(1000))
    expect(end(false)).toBe('')
  })
})

describe('rows as CSV', () => {
  it('have quotes around either half of a line break', () => {
    const broken: [string, string, null][] = [['a\rb', 'c\nd', null]]
    expect(ROW_FORMATS.csv(['\r', 'n', 'm'], false).begin()).toBe('"\r",n,m\n')
    expect(ROW_FORMATS.csv(['m', 'n', 'o'], false).rows(broken)).toBe('"a\rb","c\nd",\n')
  })

  it('cannot steer a terminal', () => {
    const hostile: [string][] = [['a\u001b[2Jb\nc\u009b']]
    expect(ROW_FORMATS.csv(['n'], true).rows(hostile)).toBe('"a [2Jb\nc "\n')
    expect(ROW_FORMATS.csv(['n'], false).rows(hostile)).toBe('"a\u001b[2Jb\nc\u009b"\n')
  })
})
