import { resolve } from 'node:path'
import { inspect } from 'node:util'
import { TurnlogError } from '../errors.js'
import { CustomType } from '../event/custom-type.js'
import { DEFAULT_VERBOSITY, type Verbosity, VERBOSITY_LEVELS } from '../event/verbosity.js'
import { DEFAULT_MAX_FILE_SIZE } from './rotation-policy.js'

/** What becomes of an event when the queue is full. */
export const OVERFLOW_POLICIES = ['drop', 'block'] as const
/** When written events are forced to the disk, beyond the reach of a power cut. */
export const DURABILITIES = ['os', 'interval', 'every-batch'] as const
/** What becomes of an event that breaks the rules. */
export const INVALID_POLICIES = ['throw', 'drop'] as const

/** One of {@link OVERFLOW_POLICIES}. */
export type Overflow = (typeof OVERFLOW_POLICIES)[number]
/** One of {@link DURABILITIES}. */
export type Durability = (typeof DURABILITIES)[number]
/** One of {@link INVALID_POLICIES}. */
export type OnInvalid = (typeof INVALID_POLICIES)[number]

/**
 * Where warnings (`warn`, `error`) and the course of things (`info`, `debug`)
 * go; a pino logger is one.
 */
export interface Logger {
  debug?(details: object, message: string): void
  info?(details: object, message: string): void
  warn(details: object, message: string): void
  error(details: object, message: string): void
}

/** How an `EventWriter` is set up. */
export interface EventWriterOptions {
  /** The output root; the run's directory is made below it. */
  readonly outputDir: string
  /** The run: the name of its directory, and the `simulation_id` of every event. */
  readonly simulationId: string
  /** What is recorded. Default `ACTION`. */
  readonly verbosity?: Verbosity
  /** Events the queue holds. Default 10,000. */
  readonly maxQueueSize?: number
  /** Bytes the queue holds, and so the longest event. Default 16 MiB. */
  readonly maxQueueBytes?: number
  /** Bytes at which a segment is sealed. Default 500 MB. */
  readonly maxFileSize?: number
  /** `drop` (default) drops and counts what finds no room; `block` waits for room. */
  readonly overflow?: Overflow
  /**
   * `os` (default) hands events to the operating system: they survive the
   * process, not a power cut. `interval` forces them to the disk every second,
   * `every-batch` each time.
   */
  readonly durability?: Durability
  /** `throw` (default) throws at the emit site; `drop` drops, counts and warns. */
  readonly onInvalid?: OnInvalid
  /** Types of your own whose `details` are checked at every emit. Default none. */
  readonly customTypes?: readonly CustomType[]
  /** Silent by default. */
  readonly logger?: Logger
}

/** Options with their defaults filled in. */
export type WriterSettings = Required<EventWriterOptions>

const MIN_QUEUE_BYTES = 1024
const MAX_QUEUE_BYTES = 1024 * 1024 * 1024
const MAX_QUEUE_SIZE = 100_000_000

const silent: Logger = { warn: () => undefined, error: () => undefined }

/**
 * Fills in defaults; an option that is undefined has its default, too.
 *
 * @throws TurnlogError SETTING_INVALID naming the setting, its value and its range
 */
export function resolveOptions({
  outputDir,
  simulationId,
  verbosity = DEFAULT_VERBOSITY,
  maxQueueSize = 10_000,
  maxQueueBytes = 16 * 1024 * 1024,
  maxFileSize = DEFAULT_MAX_FILE_SIZE,
  overflow = 'drop',
  durability = 'os',
  onInvalid = 'throw',
  customTypes = [],
  logger = silent,
}: EventWriterOptions): WriterSettings {
  assertText('outputDir', outputDir)
  assertString('simulationId', simulationId)
  assertOneOf('verbosity', verbosity, VERBOSITY_LEVELS)
  assertInteger('maxQueueSize', maxQueueSize, 1, MAX_QUEUE_SIZE)
  assertInteger('maxQueueBytes', maxQueueBytes, MIN_QUEUE_BYTES, MAX_QUEUE_BYTES)
  assertInteger('maxFileSize', maxFileSize, 1, Number.MAX_SAFE_INTEGER)
  assertOneOf('overflow', overflow, OVERFLOW_POLICIES)
  assertOneOf('durability', durability, DURABILITIES)
  assertOneOf('onInvalid', onInvalid, INVALID_POLICIES)
  assertCustomTypes(customTypes)
  assertLogger(logger)
  return {
    // The simulation may change its working directory later.
    outputDir: resolve(outputDir),
    simulationId,
    verbosity,
    maxQueueSize,
    maxQueueBytes,
    maxFileSize,
    overflow,
    durability,
    onInvalid,
    customTypes,
    logger,
  }
}

function assertText(name: string, value: unknown): void {
  if (typeof value !== 'string' || value === '') throw invalid(name, value, 'a non-empty string')
}

function assertString(name: string, value: unknown): void {
  if (typeof value !== 'string') throw invalid(name, value, 'a string')
}

function assertOneOf(name: string, value: unknown, allowed: readonly string[]): void {
  const fits = typeof value === 'string' && allowed.includes(value)
  if (!fits) throw invalid(name, value, `one of ${allowed.join(', ')}`)
}

function assertInteger(name: string, value: unknown, least: number, most: number): void {
  const fits = Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most
  if (!fits) throw invalid(name, value, `a whole number from ${least} to ${most}`)
}

function assertCustomTypes(types: unknown): void {
  const fits = Array.isArray(types) && types.every((type) => type instanceof CustomType)
  if (!fits) {
    throw invalid('customTypes', types, 'a list made with defineActionType and defineDecisionType')
  }
  const names = new Set<string>()
  for (const { label } of types) {
    if (names.has(label)) throw invalid('customTypes', label, 'a list that names each type once')
    names.add(label)
  }
}

function assertLogger(logger: Partial<Logger> | null): void {
  const fits = typeof logger?.warn === 'function' && typeof logger.error === 'function'
  if (!fits) throw invalid('logger', logger, 'an object with warn() and error()')
}

function invalid(name: string, value: unknown, allowed: string): TurnlogError {
  return new TurnlogError('SETTING_INVALID', {
    message: `set up an EventWriter: ${name} is ${spell(value)}, not ${allowed}`,
    hint: 'the options of EventWriter are documented at EventWriterOptions',
  })
}

function spell(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : inspect(value, { depth: 1 })
}
