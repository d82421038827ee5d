import { expect, it } from 'vitest'
import { WarningLimit } from '#src/writer/warning-limit.js'

it('warns at once, of each kind apart, and not again for five seconds', () => {
  let now = 100
  const warnings = new WarningLimit(() => now)
  expect([warnings.isDue('full'), warnings.isDue('full')]).toEqual([true, false])
  expect(warnings.isDue('invalid')).toBe(true)
  now += 4_999
  expect(warnings.isDue('full')).toBe(false)
  now += 1
  expect([warnings.isDue('full'), warnings.isDue('full')]).toEqual([true, false])
})
