import { describe, expect, it } from 'vitest'
import type { SystemEvent } from '#src/event/event-schema.js'
import { type CallOptions, createRecordCall } from '#src/simulation/record-call.js'
import { EventWriter } from '#src/writer/event-writer.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { recorded } from '../support/writing.js'

/** A call that fails a number of times, and what was recorded of it. */
function calling(setup: { failures?: number; error?: unknown; signal?: AbortSignal }) {
  const { failures, error, signal } = {
    failures: 0,
    error: new Error('busy'),
    signal: undefined,
    ...setup,
  }
  const events: SystemEvent[] = []
  const attempts: number[] = []
  const recordCall = createRecordCall({
    emit: (event) => events.push(event),
    simulationId: 'run',
    turnNumber: 3,
    causedBy: ['cause'],
    details: { agent: 'anna' },
    signal,
  })
  const call = <R>(answer: R, options?: CallOptions<R>) =>
    recordCall(
      'model',
      (attempt) => {
        attempts.push(attempt)
        if (attempt <= failures) throw error
        return answer
      },
      options,
    )
  return {
    call,
    events,
    attempts,
    story: () => events.map(({ details }) => `${details.status} ${details.retry_count}`),
  }
}

describe('a recorded call', () => {
  it('that works is a success, with its duration and its tokens', async () => {
    const { call, events } = calling({})
    const answer = { text: 'hi', usage: { prompt_tokens: 12, completion_tokens: 3 } }
    expect(await call(answer, { details: { model: 'small' } })).toBe(answer)
    expect(events).toHaveLength(1)
    expect(events[0]).toMatchObject({ turn_number: 3, simulation_id: 'run', caused_by: ['cause'] })
    expect(events[0]?.details).toEqual({
      status: 'success',
      retry_count: 0,
      model: 'small',
      agent: 'anna',
      call: 'model',
      duration_ms: expect.any(Number) as number,
      input_tokens: 12,
      output_tokens: 3,
    })
  })

  it('that fails is tried again, each attempt caused by the one before', async () => {
    const { call, events, attempts, story } = calling({ failures: 2 })
    expect(await call('hi', { retries: 5, delayMs: (retry) => retry })).toBe('hi')
    expect(attempts).toEqual([1, 2, 3])
    expect(story()).toEqual(['retry 1', 'retry 2', 'success 2'])
    const ids = events.map(({ event_id: id }) => id)
    expect(events.map(({ caused_by: causes }) => causes)).toEqual([['cause'], [ids[0]], [ids[1]]])
    expect(events[0]).toMatchObject({
      description: 'model failed: busy',
      details: { error_type: 'Error', error_message: 'busy' },
    })
  })

  it('that goes on failing is a failure, and throws what the last attempt threw', async () => {
    const error = Object.assign(new RangeError('x'.repeat(2_000)), { code: 'rate_limited' })
    const { call, events, story } = calling({ failures: 9, error })
    await expect(call('hi', { retries: 1, delayMs: 1 })).rejects.toBe(error)
    expect(story()).toEqual(['retry 1', 'failure 1'])
    expect(events[1]?.details.error_type).toBe('rate_limited')
    expect(Array.from(events[1]?.description ?? '')).toHaveLength(500)
  })

  it('is not tried again for an error that is not worth it, or when the run is over', async () => {
    const choosy = calling({ failures: 9 })
    await expect(choosy.call('hi', { retries: 3, shouldRetry: () => false })).rejects.toThrow(
      'busy',
    )
    expect(choosy.story()).toEqual(['failure 0'])
    const over = calling({ failures: 9, signal: AbortSignal.abort() })
    await expect(over.call('hi', { retries: 3 })).rejects.toThrow('busy')
    expect(over.story()).toEqual(['failure 0'])
  })

  it.each([
    ['text', 'error', 'text'],
    [undefined, 'error', 'undefined'],
    [null, 'error', 'null'],
  ])('may throw anything, such as %j', async (error, type, message) => {
    const { call, events } = calling({ failures: 9, error })
    await expect(call('hi')).rejects.toBe(error)
    expect(events[0]?.details).toMatchObject({ error_type: type, error_message: message })
  })

  it('that worked has worked, though counting its tokens fails', async () => {
    const { call, story } = calling({})
    const usage = (): never => {
      throw new Error('no idea')
    }
    expect(await call('hi', { usage })).toBe('hi')
    expect(story()).toEqual(['success 0'])
  })

  it('is not tried for ever for want of a number', async () => {
    const { call, story } = calling({ failures: 9 })
    await expect(call('hi', { retries: NaN })).rejects.toThrow('busy')
    expect(story()).toEqual(['failure 0'])
  })

  it('that waits for a retry when the run ends is tried once more, and then is a failure', async () => {
    const controller = new AbortController()
    const { call, story } = calling({ failures: 9, signal: controller.signal })
    const called = call('hi', { retries: 5, delayMs: 60_000 })
    setImmediate(() => {
      controller.abort()
    })
    await expect(called).rejects.toThrow('busy')
    expect(story()).toEqual(['retry 1', 'failure 1'])
  })

  const cyclic: Record<string, unknown> = {}
  cyclic['self'] = cyclic
  const shy = {
    get mood(): string {
      throw new Error('not today')
    },
  }

  it.each([
    ['go round in a circle', cyclic, /circular/],
    ['do not let themselves be looked at', shy, /not today/],
    ['are no JSON', { seed: 1n }, /BigInt/],
  ])('keeps its answer though details of its own %s', async (_, details, why) => {
    const outputDir = temporaryDirectory()
    const writer = new EventWriter({ outputDir, simulationId: 'run', verbosity: 'DETAIL' }).start()
    const emit = (event: SystemEvent) => writer.emit(event)
    const recordCall = createRecordCall({ emit, simulationId: 'run', turnNumber: 3 })
    const options = { details, usage: () => ({ input_tokens: 7n as never, output_tokens: 3 }) }
    expect(await recordCall('model', () => 'hi', options)).toBe('hi')
    await writer.stop()
    const [event, ...others] = recorded(outputDir)
    expect(others).toEqual([])
    const told = { call: 'model', status: 'success', output_tokens: 3 }
    expect(event?.details).toMatchObject(told)
    expect(event?.details).toHaveProperty('details_error', expect.stringMatching(why))
    expect(event?.details).not.toHaveProperty('input_tokens')
  })

  const puzzled = (): never => {
    throw new Error('no idea')
  }
  it.each([{ shouldRetry: puzzled }, { delayMs: puzzled }])(
    'throws and records what went wrong, though %o does too',
    async (options) => {
      const { call, events, story } = calling({ failures: 9 })
      await expect(call('hi', { retries: 3, ...options })).rejects.toThrow('busy')
      expect(story()).toEqual(['failure 0'])
      expect(events[0]?.details).toMatchObject({ error_message: 'busy', retry_error: 'no idea' })
    },
  )

  it('counts tokens as it is told to', async () => {
    const { call, events } = calling({})
    await call('hi', { usage: (text) => ({ input_tokens: text.length }) })
    expect(events[0]?.details).toMatchObject({ input_tokens: 2 })
    expect(events[0]?.details).not.toHaveProperty('output_tokens')
  })
})
