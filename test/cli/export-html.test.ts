import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Browser } from '../support/browser.js'
import { eventLine, segmentText } from '../support/event-lines.js'
import { eventually } from '../support/eventually.js'
import { runCli } from '../support/run-cli.js'

const FIXTURE = fileURLToPath(new URL('../fixtures/llm-sim', import.meta.url))
const MARKET = 'market-20251004-142345-6agents'
const HOSTILE_NAME = '"><img src=x onerror=alert(1)>&'

/** What would run, or end the block it stands in, if it were taken for markup. */
const HOSTILE = [
  '</script><script>document.title = "hacked"; alert(1)</script>',
  '<!--<script>',
  '<img src="https://example.org/x.png" onerror="document.title = \'hacked\'">',
  '"><svg onload=alert(1)>',
  'javascript:alert(1)',
  "${alert(1)} $& $' <!-- style -->",
  '\u2028\u2029\u0000\r\n<b>',
]

/** How lines may spell a description, and what is looked for to find it. */
const SPELLED: readonly [spelling: string, sought: string][] = [
  ['\\u00dfa stra\\u00DFe', 'Straße'],
  ['he said \\"buy\\" twice', '"buy" twice'],
  ['a \\u003cb> c', '<b> c'],
  ['back\\\\nslash', 'back\\nslash'],
  ['two\\r\\nlines', 'two lines'],
  ['smile \\ud83d\\ude00', '😀'],
  ['sol\\/idus', 'sol/idus'],
]

const directory = mkdtempSync(join(tmpdir(), 'turnlog-test-'))
const page = join(directory, 'market.html')
const hostilePage = join(directory, 'hostile.html')
const spelledPage = join(directory, 'spelled.html')
let browser: Browser

/** Of the panel and of the page, in CSS pixels. */
interface Sizes {
  readonly clientHeight: number
  readonly scrollHeight: number
  readonly scrollWidth: number
  readonly innerWidth: number
}

async function makePage(root: string, run: string, output: string): Promise<void> {
  const flags = ['--root', root, '--db', `${output}.db`]
  await runCli('index', ...flags)
  const exported = await runCli('export', run, ...flags, '--format', 'html', '--output', output)
  expect(exported).toMatchObject({ code: 0, stderr: '' })
}

beforeAll(async () => {
  browser = await Browser.start()
  await makePage(FIXTURE, MARKET, page)
  const lines = HOSTILE.map((text, index) =>
    JSON.stringify({
      ...(JSON.parse(eventLine(text, { agent: text, description: text })) as object),
      caused_by: HOSTILE.slice(0, index),
      details: { [text]: text, number: 1 },
      [text]: text,
    }).replace('"number":1', '"number":1.0,\r"big":12345678901234567890'),
  )
  const root = join(directory, 'root')
  mkdirSync(join(root, HOSTILE_NAME), { recursive: true })
  writeFileSync(join(root, HOSTILE_NAME, 'events.jsonl'), segmentText(...lines))
  await makePage(root, HOSTILE_NAME, hostilePage)
  const spelled = SPELLED.map(([spelling], index) =>
    eventLine(`e${index}`, { type: 'ENV', second: index, description: '%' }).replace('%', spelling),
  )
  mkdirSync(join(root, 'spelled'))
  writeFileSync(join(root, 'spelled', 'events.jsonl'), segmentText(...spelled))
  await makePage(root, 'spelled', spelledPage)
}, 120_000)

afterAll(async () => {
  await browser.close()
  rmSync(directory, { recursive: true })
})

const rows = (): Promise<string[]> => browser.texts('#rows tr')
const links = (): Promise<string[]> => browser.texts('#rows .said a')

describe('turnlog export --format html', () => {
  it('shows every event of the run, page by page, and asks nobody', async () => {
    await browser.open(page)
    expect(await browser.evaluate('document.title')).toBe(`${MARKET} – turnlog`)
    expect(await browser.texts('#count')).toEqual(['2,000 events'])
    expect(await rows()).toHaveLength(100)
    expect((await rows())[2]).toBe('114:23:45.203463MILESTONETurn 1 started')
    expect(await browser.texts('#page')).toEqual(['page 1 of 20'])
    await browser.click('#later')
    await eventually(async () => {
      expect(await browser.texts('#page')).toEqual(['page 2 of 20'])
    })
    expect(await browser.evaluate('location.hash')).toBe('#page=2')
    expect(browser.requests.filter((url) => !url.startsWith('file:'))).toEqual([])
    expect(browser.complaints).toEqual([])
  })

  it('narrows by a click on a turn, by type, agent and text', async () => {
    await browser.open(page)
    const bars = await browser.evaluate('document.querySelectorAll("#timeline button").length')
    expect(bars).toBe(71)
    await browser.click('#timeline button:nth-child(4)')
    await eventually(async () => {
      expect(await browser.texts('#turns')).toEqual(['turn 3'])
    })
    const ofTurn = await rows()
    expect(ofTurn.length).toBeGreaterThan(5)
    for (const row of ofTurn) expect(row).toMatch(/^314:/)
    await browser.click('#all-turns')
    await eventually(async () => {
      expect(await browser.texts('#count')).toEqual(['2,000 events'])
    })

    await browser.evaluate(`(() => {
      const type = document.getElementById('type')
      type.value = 'STATE'
      type.dispatchEvent(new Event('change'))
    })()`)
    await eventually(async () => {
      expect(await browser.texts('#count')).toEqual(['487 of 2,000 events'])
    })
    await browser.click('#text')
    await browser.type('INTEREST_RATE')
    await eventually(async () => {
      expect(await browser.evaluate('location.hash')).toBe('#type=STATE&text=INTEREST_RATE')
    })
    const [found = ''] = await browser.texts('#count')
    expect(found).toMatch(/^\d+ of 2,000 events$/)

    await browser.open(page, '#agent=agent_alice&turns=2-3')
    for (const row of await rows()) expect(row).toMatch(/^[23]14:.*agent_alice/)
  })

  it('walks from an event to its causes and its effects, and back', async () => {
    const text = readFileSync(page, 'utf8')
    const [, block = ''] =
      /<script type="application\/x-ndjson" id="events">\n(.*?)<\/script>/s.exec(text) ?? []
    const events = block
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { event_id: string; caused_by: string[] | null })
    const effect = events.findLast(({ caused_by: causes }) => causes?.length === 2)
    const [cause = ''] = effect?.caused_by ?? []
    const id = effect?.event_id ?? ''
    await browser.open(page, `#event=${id}&text=${id}`)
    expect(await browser.texts('.facts dd')).toContain(id)
    await browser.click(`.walk-causes [data-event="${cause}"]`)
    await eventually(async () => {
      expect(await browser.texts('.facts dd')).toContain(cause)
    })
    const effects = await browser.evaluate(
      '[...document.querySelectorAll(".walk-effects a")].map((each) => each.dataset.event)',
    )
    expect(effects).toContain(id)
    const direct = events.filter(({ caused_by: causes }) => causes?.includes(cause) ?? false)
    const nearest = (await browser.texts('.walk-effects .distance')).filter((text) => text === '1')
    expect(nearest).toHaveLength(direct.length)
    await browser.evaluate('history.back()')
    await eventually(async () => {
      expect(await browser.texts('.facts dd')).toContain(id)
    })
    await browser.click('#close')
    await eventually(async () => {
      expect(await browser.evaluate('document.getElementById("event").hidden')).toBe(true)
    })
    // With the keyboard alone, too.
    await browser.evaluate('document.querySelector("#rows a").focus()')
    await browser.pressEnter()
    await eventually(async () => {
      expect(await browser.texts('.facts dd')).toContain(id)
    })
  })

  it('shows hostile events as what they say, and runs nothing of them', async () => {
    await browser.open(hostilePage)
    expect(await browser.texts('h1')).toEqual([HOSTILE_NAME])
    expect(await rows()).toHaveLength(HOSTILE.length)
    expect((await links()).sort()).toEqual([...HOSTILE].sort())
    const last = HOSTILE.at(-1) ?? ''
    await browser.open(hostilePage, `#${new URLSearchParams({ event: last }).toString()}`)
    const causes = await browser.texts('.walk-causes .said')
    expect(causes.sort()).toEqual(HOSTILE.slice(0, -1).sort())
    const [json = ''] = await browser.texts('.json')
    expect(json).toContain('"number": 1.0,\n')
    expect(json).toContain('"big": 12345678901234567890')
    expect(JSON.parse(json)).toMatchObject({ event_id: last, details: { [last]: last } })
    expect(await browser.evaluate('document.title')).toBe(`${HOSTILE_NAME} – turnlog`)
    expect(await browser.evaluate('document.querySelectorAll("img, svg, b").length')).toBe(0)
    expect(browser.requests.filter((url) => !url.startsWith('file:'))).toEqual([])
    expect(browser.complaints).toEqual([])
  })

  it('keeps the focus where the keyboard left it', async () => {
    const focused = (expression: string): Promise<unknown> =>
      browser.evaluate(`document.activeElement.${expression}`)
    await browser.open(page)
    await browser.evaluate('document.querySelectorAll("#rows a")[5].focus()')
    const id = await focused('dataset.event')
    await browser.pressEnter()
    await eventually(async () => {
      expect(await focused('id')).toBe('event')
    })
    await browser.evaluate('document.getElementById("close").focus()')
    await browser.pressEnter()
    await eventually(async () => {
      expect(await focused('dataset.event')).toBe(id)
    })
    await browser.evaluate('document.querySelectorAll("#timeline button")[3].focus()')
    await browser.pressEnter()
    await eventually(async () => {
      expect(await browser.texts('#turns')).toEqual(['turn 3'])
    })
    expect(await focused('dataset.turn')).toBe('3')
  })

  it('shows the text that is looked for, after going back too', async () => {
    await browser.open(page)
    await browser.click('#text')
    for (const hash of ['#text=agent', '#text=agent_alice']) {
      await browser.type(hash === '#text=agent' ? 'agent' : '_alice')
      await eventually(async () => {
        expect(await browser.evaluate('location.hash')).toBe(hash)
      })
    }
    await browser.evaluate('history.back()')
    await eventually(async () => {
      expect(await browser.evaluate('location.hash')).toBe('#text=agent')
      expect(await browser.evaluate('document.getElementById("text").value')).toBe('agent')
    })
  })

  it('finds whatever an event shows, however its line spells it', async () => {
    for (const text of HOSTILE) {
      await browser.open(hostilePage, `#${new URLSearchParams({ text }).toString()}`)
      expect(await links(), text).toContain(text)
    }
    await browser.open(spelledPage)
    const all = await links()
    expect(all).toHaveLength(SPELLED.length)
    for (const [index, [, sought]] of SPELLED.entries()) {
      await browser.open(spelledPage, `#${new URLSearchParams({ text: sought }).toString()}`)
      expect(await links(), sought).toEqual([all[index]])
    }
  })

  it('knows both names of a type', async () => {
    for (const name of ['ENV', 'STATE']) {
      await browser.open(spelledPage, `#type=${name}`)
      expect(await links()).toHaveLength(SPELLED.length)
      expect(await browser.evaluate('document.getElementById("type").value')).toBe('STATE')
    }
  })

  it.each([360, 800, 1200])('has room for all of it in a window %i wide', async (width) => {
    await browser.resize(width, 800)
    for (const file of [page, hostilePage]) {
      await browser.open(file)
      await browser.click('#rows a')
      await eventually(async () => {
        expect(await browser.texts('.facts dt')).toContain('id')
      })
      const seen = await browser.evaluate(`(() => {
        const { clientHeight, scrollHeight } = document.getElementById('event')
        const { scrollWidth } = document.documentElement
        return { clientHeight, scrollHeight, scrollWidth, innerWidth }
      })()`)
      const { clientHeight, scrollHeight, scrollWidth, innerWidth } = seen as Sizes
      expect(innerWidth).toBe(width)
      expect(scrollWidth).toBeLessThanOrEqual(width)
      expect(clientHeight).toBeGreaterThanOrEqual(Math.min(scrollHeight, 700))
    }
  })

  it('would not run a script that got into it', async () => {
    await browser.open(hostilePage)
    await browser.evaluate(`(() => {
      const script = document.createElement('script')
      script.textContent = 'document.title = "hacked"'
      document.body.append(script)
      document.body.insertAdjacentHTML('beforeend', '<img src="https://example.org/" onerror="document.title = 1">')
    })()`)
    await eventually(() => {
      expect(browser.complaints.join('\n')).toContain('Content Security Policy')
    })
    expect(await browser.evaluate('document.title')).toBe(`${HOSTILE_NAME} – turnlog`)
  })

  it('is for no more events than a browser can take', async () => {
    const root = join(directory, 'large')
    mkdirSync(join(root, 'run'), { recursive: true })
    const lines = Array.from({ length: 100_001 }, (_, index) => eventLine(`e${index}`))
    writeFileSync(join(root, 'run', 'events.jsonl'), segmentText(...lines))
    await runCli('index', '--root', root, '--no-search')
    const output = join(directory, 'large.html')
    const flags = ['run', '--root', root, '--format', 'html', '--output', output]
    const refused = await runCli('export', ...flags)
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toMatch(
      /^turnlog: export run as a page: it has more than 100000 events.*\n.*--limit/,
    )
    expect((await runCli('export', ...flags, '--limit', '100000')).code).toBe(0)
    await browser.open(output)
    expect(await browser.texts('#count')).toEqual(['100,000 events'])
    await browser.open(output, '#text=e50000&event=e50000')
    expect(await browser.texts('#count')).toEqual(['1 of 100,000 events'])
  })
})
