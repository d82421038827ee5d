import { describe, expect, it } from 'vitest'
import { decodeDetailsPath, passesTests } from '#src/query/details-test.js'

function passes(details: string, path: string, value: string): boolean {
  const keys = decodeDetailsPath(path)
  if ('problem' in keys) throw new Error(keys.problem)
  return passesTests(details, [{ path: keys, value }])
}

describe('a path into details', () => {
  it.each([
    ['', 'must name a key before and behind every dot'],
    ['.', 'must name a key before and behind every dot'],
    ['a..b', 'must name a key before and behind every dot'],
    ['a.', 'must name a key before and behind every dot'],
    ['a\0', 'must not hold a NUL character'],
    [Array.from({ length: 17 }, () => 'a').join('.'), 'must not have more than 16 keys'],
    ['a'.repeat(501), 'must not be longer than 500 characters'],
  ])('%j is refused', (path, problem) => {
    expect(decodeDetailsPath(path)).toEqual({ problem })
  })

  it.each([
    ['{"a":{"b":[{"c":"x"},["y"]]}}', 'a.b.0.c', 'x'],
    ['{"a":{"b":[{"c":"x"},["y"]]}}', 'a.b.1.0', 'y'],
    ['{"a":{"0":"x"}}', 'a.0', 'x'],
    ['["x"]', '0', 'x'],
    ['{"a":1,"a":2}', 'a', '2'],
    ['{"\\u0061":"\\u00e9"}', 'a', 'é'],
    [' { "a" : [ 1 , 2.0 ] } ', 'a.1', '2'],
    ['{"__proto__":"x","constructor":{"name":"y"}}', '__proto__', 'x'],
    ['{"__proto__":"x","constructor":{"name":"y"}}', 'constructor.name', 'y'],
  ])('in %s, %s leads to %s', (details, path, value) => {
    expect(passes(details, path, value)).toBe(true)
  })

  it.each([
    ['{"a":["x"]}', 'a.length', '1'],
    ['{"a":["x"]}', 'a.00', 'x'],
    ['{"a":["x"]}', 'a.1', 'undefined'],
    ['{"a":"x"}', 'a.0', 'x'],
    ['{"a":"x"}', 'b', 'undefined'],
    ['{"a":"x"}', 'toString', ''],
    ['{"a":null}', 'a.b', 'null'],
    ['"x"', '0', 'x'],
    ['null', 'a', 'null'],
    ['7', 'a', '7'],
  ])('in %s, %s leads nowhere', (details, path, value) => {
    expect(passes(details, path, value)).toBe(false)
  })
})

describe('a value in details', () => {
  it.each([
    ['"x y"', 'x y'],
    ['""', ''],
    ['"1"', '1'],
    ['"null"', 'null'],
    ['1', '1'],
    ['1.0', '1'],
    ['1', '1.00'],
    ['10e-1', '1'],
    ['0.3e1', '3'],
    ['-0', '0'],
    ['0', '-0.0e7'],
    ['1e22', '10000000000000000000000'],
    ['9007199254740993', '9007199254740993'],
    ['9007199254740993.0', '9007199254740993'],
    ['1e400', '10e399'],
    ['1e-400', '1e-400'],
    ['true', 'true'],
    ['false', 'false'],
    ['null', 'null'],
  ])('%s is equal to %s', (spelled, value) => {
    expect(passes(`{"a":{"b":${spelled}}}`, 'a.b', value)).toBe(true)
  })

  it.each([
    ['"x"', 'X'],
    ['"x"', ' x'],
    ['"1.0"', '1'],
    ['1', '01'],
    ['1', '+1'],
    ['1', ' 1'],
    ['1', ''],
    ['0', ''],
    ['255', '0xff'],
    ['1', '-1'],
    ['9007199254740993', '9007199254740992'],
    ['9007199254740992', '9007199254740993'],
    ['0.1', '0.1000000000000000000001'],
    ['1e400', '1e401'],
    ['1e400', 'Infinity'],
    ['1e-400', '0'],
    ['true', '1'],
    ['true', 'TRUE'],
    ['null', ''],
    ['{}', '{}'],
    ['[]', '[]'],
    ['[1]', '1'],
    ['{"c":1}', '[object Object]'],
  ])('%s is not equal to %s', (spelled, value) => {
    expect(passes(`{"a":{"b":${spelled}}}`, 'a.b', value)).toBe(false)
  })

  it('has to pass every test', () => {
    const test = (key: string, value: string) => ({ path: [key], value })
    expect(passesTests('{"a":1,"b":2}', [test('a', '1'), test('b', '2')])).toBe(true)
    expect(passesTests('{"a":1,"b":2}', [test('a', '1'), test('b', '1')])).toBe(false)
    expect(passesTests('{"a":1,"b":2}', [])).toBe(true)
  })
})
