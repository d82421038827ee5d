import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findPlace } from '../../cli/export/output-place.js'
import { Staging } from '../../cli/export/staging.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

/** As a file system says it that knows one name for a file. */
function refuseLink(): never {
  throw Object.assign(new Error('EPERM'), { code: 'EPERM', syscall: 'link' })
}

/** Stages files with the text `new`, each to be published under its name. */
function stage(names: readonly string[], link?: () => never): Staging {
  const staging = new Staging(dirname(names[0] ?? ''), false, link)
  for (const name of names) writeFileSync(staging.add(findPlace(name, false)), 'new')
  return staging
}

describe.each([
  ['with hard links', undefined],
  ['without hard links', refuseLink],
])('files that are staged, %s', (_, link) => {
  it('appear together', () => {
    const directory = join(temporaryDirectory(), 'out')
    const names = ['a', 'in/b'].map((name) => join(directory, name))
    const staging = stage(names, link)
    expect(names.filter((name) => existsSync(name))).toEqual([])
    staging.publish()
    staging.close()
    expect(names.map((name) => readFileSync(name, 'utf8'))).toEqual(['new', 'new'])
    expect(readdirSync(directory).sort()).toEqual(['a', 'in'])
  })

  it('replace nothing that has appeared meanwhile, and leave nothing then', () => {
    const directory = join(temporaryDirectory(), 'out')
    const names = ['a', 'in/b', 'c'].map((name) => join(directory, name))
    const staging = stage(names, link)
    writeFileSync(join(directory, 'c'), 'theirs')
    expect(() => {
      staging.publish()
    }).toThrow(expect.objectContaining({ code: 'OUTPUT_EXISTS' }))
    staging.close()
    expect(readdirSync(directory)).toEqual(['c'])
    expect(readFileSync(join(directory, 'c'), 'utf8')).toBe('theirs')
  })
})

it('replaces nothing that appears in the instant of publishing, and takes back the others', () => {
  const directory = join(temporaryDirectory(), 'out')
  const names = ['in/a', 'b'].map((name) => join(directory, name))
  let links = 0
  const staging = new Staging(directory, false, (from, to) => {
    links++
    if (links === 1) {
      writeFileSync(to, readFileSync(from))
      return
    }
    writeFileSync(to, 'theirs')
    throw Object.assign(new Error('EEXIST'), { code: 'EEXIST', syscall: 'link' })
  })
  for (const name of names) writeFileSync(staging.add(findPlace(name, false)), 'new')
  expect(() => {
    staging.publish()
  }).toThrow(expect.objectContaining({ code: 'OUTPUT_EXISTS' }))
  staging.close()
  expect(readdirSync(directory)).toEqual(['b'])
  expect(readFileSync(join(directory, 'b'), 'utf8')).toBe('theirs')
})
