import { setImmediate, setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import {
  createActionEvent,
  createDecisionEvent,
  createDetailEvent,
  createMilestoneEvent,
} from '#src/event/builders.js'
import type { TurnlogEvent } from '#src/event/event-schema.js'
import { type EventWriterOptions } from '#src/writer/writer-options.js'
import { EventWriter } from '#src/writer/event-writer.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { expectBalanced, recorded, turnlogError } from '../support/writing.js'

const run = { simulationId: 'run', turnNumber: 1 }

function milestone(): TurnlogEvent {
  return createMilestoneEvent({ ...run, milestoneType: 'turn_start' })
}

function decision(causedBy?: readonly string[]): TurnlogEvent {
  return createDecisionEvent({ ...run, agentId: 'anna', decisionType: 'price', causedBy })
}

function detail(causedBy?: readonly string[]): TurnlogEvent {
  return createDetailEvent({ ...run, calculationType: 'sum', intermediateValues: {}, causedBy })
}

function action(label: string): TurnlogEvent {
  return createActionEvent({ ...run, agentId: 'anna', actionType: label, actionPayload: {} })
}

/** A writer that is stopped with the test, and what it recorded. */
function startWriter(options: Partial<EventWriterOptions> = {}) {
  const outputDir = temporaryDirectory()
  const settings = { outputDir, simulationId: 'run', verbosity: 'DETAIL', ...options } as const
  const writer = new EventWriter(settings).start()
  return {
    writer,
    /** Ends the recording. @returns the causes in the log, by action type or event id */
    causes: async (): Promise<Record<string, readonly string[] | undefined>> => {
      const { stats } = await writer.stop()
      const events = recorded(outputDir, settings.simulationId)
      expectBalanced(stats, events)
      return Object.fromEntries(
        events.map((event) => [
          event.event_type === 'ACTION' ? event.details.action_type : event.event_id,
          event.caused_by,
        ]),
      )
    },
  }
}

describe('within a cause', () => {
  it('links what is emitted at once, behind awaits, in timers and in parallel branches', async () => {
    const { writer, causes } = startWriter()
    const [start, other] = [milestone(), milestone()]
    const branch = async (name: string): Promise<void> => {
      await setTimeout(Math.random() * 5)
      writer.emit(action(name))
    }
    await Promise.all([
      writer.within(start, async () => {
        writer.emit(action('at once'))
        await Promise.resolve()
        writer.emit(action('behind an await'))
        await Promise.all([branch('left'), branch('right')])
        await new Promise<void>((resolve) => {
          globalThis.setTimeout(() => {
            writer.emit(action('in a timer'))
            resolve()
          }, 1)
        })
        queueMicrotask(() => writer.emit(action('in a microtask')))
        await setImmediate()
      }),
      writer.within(other, () => branch('beside it')),
    ])
    writer.emit(action('outside'))
    expect(await causes()).toEqual({
      'at once': [start.event_id],
      'behind an await': [start.event_id],
      left: [start.event_id],
      right: [start.event_id],
      'in a timer': [start.event_id],
      'in a microtask': [start.event_id],
      'beside it': [other.event_id],
      outside: undefined,
    })
  })

  it('nests: the innermost cause counts, and the outer one again behind it', async () => {
    const { writer, causes } = startWriter()
    const [outer, inner] = [milestone(), decision()]
    await writer.within(outer, async () => {
      await writer.within(inner, async () => {
        await setImmediate()
        writer.emit(action('inner'))
      })
      writer.emit(action('outer'))
    })
    expect(await causes()).toEqual({ inner: [inner.event_id], outer: [outer.event_id] })
  })

  it('leaves an event the causes it names, and takes ids and lists for causes', async () => {
    const { writer, causes } = startWriter()
    const [first, second] = [milestone(), milestone()]
    const own = decision(['own'])
    const none = decision([])
    writer.within([first, second.event_id], () => {
      writer.emit(own)
      writer.emit(none)
      writer.emit(action('both'))
    })
    writer.within(first.event_id, () => writer.emit(action('by id')))
    writer.within([], () => writer.emit(action('none')))
    expect(await causes()).toEqual({
      [own.event_id]: ['own'],
      [none.event_id]: [],
      both: [first.event_id, second.event_id],
      'by id': [first.event_id],
      none: undefined,
    })
  })

  it('makes nothing its own cause, and changes no event', async () => {
    const { writer, causes } = startWriter()
    const start = milestone()
    writer.within(start, () => writer.emit(start))
    writer.within([start, 'another'], () => writer.emit(start))
    expect(start).not.toHaveProperty('caused_by')
    const { [start.event_id]: last } = await causes()
    expect(last).toEqual(['another'])
  })

  it('is of one writer: another one inside it has causes of its own', async () => {
    const one = startWriter()
    const two = startWriter()
    const [first, second] = [milestone(), milestone()]
    one.writer.within(first, () => {
      two.writer.emit(action('alone'))
      two.writer.within(second, () => {
        one.writer.emit(action('first'))
        two.writer.emit(action('second'))
      })
    })
    expect(await one.causes()).toEqual({ first: [first.event_id] })
    expect(await two.causes()).toEqual({ alone: undefined, second: [second.event_id] })
  })

  it('gives back what the function gives, and what it throws', () => {
    const { writer } = startWriter()
    expect(writer.within('cause', () => 42)).toBe(42)
    expect(() =>
      writer.within('cause', () => {
        throw new Error('not today')
      }),
    ).toThrow('not today')
  })

  it.each([undefined, null, 7, '', {}, ['', 'a']])('refuses %j for a cause', (cause) => {
    const { writer } = startWriter()
    expect(() => writer.within(cause as never, () => 1)).toThrow(
      turnlogError('EVENT_INVALID', 'run within a cause'),
    )
  })
})

describe('a cause that is left out of the log', () => {
  it('gives its place to its nearest recorded ancestors', async () => {
    const { writer, causes } = startWriter({ verbosity: 'ACTION' })
    const start = milestone()
    writer.emit(start)
    const outcome = writer.within(start, () => {
      const sum = detail()
      expect(writer.emit(sum)).toBe('filtered')
      return writer.within(sum, () => {
        const deeper = detail()
        writer.emit(deeper)
        writer.emit(action('by scope'))
        const choice = decision([deeper.event_id, start.event_id, 'unknown'])
        writer.emit(choice)
        expect(writer.recordedCauses(deeper)).toEqual([start.event_id])
        expect(writer.recordedCauses([choice, deeper])).toEqual([choice.event_id, start.event_id])
        return choice
      })
    })
    const orphan = detail()
    writer.emit(orphan)
    writer.within(orphan, () => writer.emit(action('by nothing')))
    expect(await causes()).toEqual({
      [start.event_id]: undefined,
      'by scope': [start.event_id],
      [outcome.event_id]: [start.event_id, 'unknown'],
      'by nothing': undefined,
    })
  })

  it('does so too when it was dropped for want of room', async () => {
    const { writer, causes } = startWriter({ maxQueueSize: 4 })
    const start = milestone()
    writer.emit(start)
    const dropped: TurnlogEvent[] = []
    writer.within(start, () => {
      while (dropped.length === 0) {
        const event = decision()
        if (writer.emit(event) === 'dropped') dropped.push(event)
      }
    })
    await writer.flush()
    writer.within(dropped, () => writer.emit(action('after the loss')))
    expect((await causes())['after the loss']).toEqual([start.event_id])
  })

  it('has it again when it is emitted once more, and found room', async () => {
    const { writer, causes } = startWriter({ maxQueueSize: 4 })
    const late = decision([])
    let outcome = writer.emit(late)
    while (outcome === 'accepted') outcome = writer.emit(late)
    await writer.flush()
    while (writer.emit(late) !== 'accepted') await setImmediate()
    await writer.flush()
    writer.within(late, () => writer.emit(action('after it')))
    expect((await causes())['after it']).toEqual([late.event_id])
  })

  it('may be anything: what is filtered out is not looked at closely', async () => {
    const { writer, causes } = startWriter({ verbosity: 'ACTION' })
    for (const odd of [{ event_id: 'odd', caused_by: 7 }, { event_id: 7 }, {}]) {
      expect(writer.emit({ ...odd, event_type: 'DETAIL' } as never)).toBe('filtered')
    }
    writer.within('odd', () => writer.emit(action('by something odd')))
    expect(await causes()).toEqual({ 'by something odd': undefined })
  })
})

describe('an event that emits another while it is recorded', () => {
  it('spoils neither', async () => {
    const outputDir = temporaryDirectory()
    const writer = new EventWriter({ outputDir, simulationId: 'run' }).start()
    let emitted = 0
    const actionPayload = {
      get nested() {
        emitted++
        writer.emit(action('inner'))
        return 'x'.repeat(100)
      },
    }
    const fields = { ...run, agentId: 'anna', actionType: 'outer' }
    const outer = createActionEvent({ ...fields, actionPayload: {} })
    outer.details.action_payload = actionPayload
    writer.emit(outer)
    writer.emit(action('last'))
    await writer.stop()
    const types = recorded(outputDir).map(
      (event) => event.event_type === 'ACTION' && event.details.action_type,
    )
    expect(types.filter((type) => type === 'inner')).toHaveLength(emitted)
    expect(types.slice(-2)).toEqual(['outer', 'last'])
  })
})
