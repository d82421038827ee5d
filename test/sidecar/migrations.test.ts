import Database from 'better-sqlite3'
import { beforeEach, describe, expect, it } from 'vitest'
import { RECORDED_EVENT_TYPES } from '#src/event/event-type.js'
import { isCanonicalTimestamp, parseTimestamp } from '#src/event/timestamp.js'
import { migrateSidecar } from '#src/sidecar/migrate.js'
import type { SidecarTables } from '#src/sidecar/schema.js'

/** What SQLite must say of every column the types know: its type, and `?` where it may be null. */
type Columns = {
  readonly [Table in keyof SidecarTables]: Readonly<Record<keyof SidecarTables[Table], string>>
}

const DICTIONARY = { id: 'INTEGER', name: 'TEXT' }

const COLUMNS: Columns = {
  simulation: {
    id: 'INTEGER',
    name: 'TEXT',
    event_count: 'INTEGER',
    reject_count: 'INTEGER',
    duplicate_count: 'INTEGER',
    first_timestamp: 'INTEGER?',
    last_timestamp: 'INTEGER?',
    last_event_id: 'TEXT?',
    first_turn: 'INTEGER?',
    last_turn: 'INTEGER?',
    ordered: 'INTEGER',
  },
  segment: {
    id: 'INTEGER',
    simulation: 'INTEGER',
    name: 'TEXT',
    size: 'INTEGER',
    device: 'INTEGER',
    inode: 'INTEGER',
    modified_ms: 'REAL',
    checkpoint: 'INTEGER',
    prefix_crc: 'INTEGER',
    tail_crc: 'INTEGER',
    event_count: 'INTEGER',
    reject_count: 'INTEGER',
    duplicate_count: 'INTEGER',
  },
  reject: {
    id: 'INTEGER',
    simulation: 'INTEGER',
    segment: 'INTEGER',
    offset: 'INTEGER',
    length: 'INTEGER',
    reason: 'TEXT',
  },
  event: {
    id: 'INTEGER',
    simulation: 'INTEGER',
    segment: 'INTEGER',
    offset: 'INTEGER',
    length: 'INTEGER',
    timestamp: 'INTEGER',
    turn: 'INTEGER',
    cell: 'INTEGER',
    shape: 'INTEGER',
    event_id: 'TEXT',
    caused_by: 'TEXT?',
    description: 'TEXT?',
    details: 'TEXT?',
    raw: 'TEXT?',
  },
  edge: { cause: 'INTEGER', effect: 'INTEGER' },
  dangling: { simulation: 'INTEGER', cause_event_id: 'TEXT', effect: 'INTEGER' },
  stretch: {
    id: 'INTEGER',
    simulation: 'INTEGER',
    first_timestamp: 'INTEGER',
    first_event_id: 'TEXT',
    events: 'INTEGER',
    first_turn: 'INTEGER',
    last_turn: 'INTEGER',
    leaves: 'BLOB',
    cells: 'BLOB',
    cell_events: 'BLOB',
    cell_leaves: 'BLOB',
  },
  leaf: {
    id: 'INTEGER',
    stretch: 'INTEGER',
    first_timestamp: 'INTEGER',
    first_event_id: 'TEXT',
    events: 'INTEGER',
    first_turn: 'INTEGER',
    last_turn: 'INTEGER',
    cells: 'BLOB',
    cell_events: 'BLOB',
    event_cells: 'BLOB',
    turns: 'BLOB',
    event_rows: 'BLOB',
    timestamps: 'BLOB',
  },
  cell: {
    id: 'INTEGER',
    type: 'INTEGER',
    agent: 'INTEGER?',
    kind: 'INTEGER?',
    participants: 'TEXT?',
  },
  participant: { agent: 'INTEGER', cell: 'INTEGER' },
  agent: DICTIONARY,
  kind: DICTIONARY,
  event_type: DICTIONARY,
  search_progress: { last_row: 'INTEGER', events: 'INTEGER' },
}

let db: Database.Database

beforeEach(async () => {
  db = new Database(':memory:')
  await migrateSidecar(db)
  return () => db.close()
})

interface ColumnInfo {
  readonly name: string
  readonly type: string
  readonly notnull: number
  readonly pk: number
}

describe('the migrations', () => {
  it('make the tables the types describe, and no others', () => {
    const tables = db
      .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'")
      .pluck()
      .all()
    // The full-text index is no table to the types, and what it is made of is SQLite's own.
    const own = /^(kysely_|sqlite_|event_search|event_word)/
    expect(tables.filter((name) => !own.test(name)).sort()).toEqual(Object.keys(COLUMNS).sort())
    for (const [table, columns] of Object.entries(COLUMNS)) {
      const info = db
        .prepare<[string], ColumnInfo>('SELECT * FROM pragma_table_info(?)')
        .all(table)
        .map(({ name, type, notnull, pk }) => {
          const nullable = notnull === 0 && pk === 0
          return [name, `${type.toUpperCase()}${nullable ? '?' : ''}`]
        })
      expect({ [table]: Object.fromEntries(info) as unknown }).toEqual({ [table]: columns })
    }
  })

  it('change nothing when they run again', async () => {
    const schema = db.prepare('SELECT name, sql FROM sqlite_schema ORDER BY name')
    const before = schema.all()
    await migrateSidecar(db)
    expect(schema.all()).toEqual(before)
  })

  it('give every event type the code the decoder gives it', () => {
    const types = db.prepare('SELECT name FROM event_type ORDER BY id').pluck().all()
    expect(types).toEqual(RECORDED_EVENT_TYPES)
    expect(db.prepare('SELECT min(id) FROM event_type').pluck().get()).toBe(1)
  })

  it('keep an event id once in a run', () => {
    const insert = db.prepare(
      `INSERT INTO event (simulation, segment, offset, length, timestamp, turn, cell, shape, event_id)
       VALUES (?, 1, 0, 1, 0, 0, 1, 0, 'a')`,
    )
    insert.run(1)
    insert.run(2)
    expect(() => insert.run(1)).toThrow(/UNIQUE/)
  })

  it('throw what went wrong', async () => {
    const other = new Database(':memory:')
    other.exec('CREATE VIEW events AS SELECT 1')
    await expect(migrateSidecar(other)).rejects.toThrow(/events/)
    other.close()
  })
})

describe('the views', () => {
  const INSTANTS = [
    '2025-10-04T14:23:45.123456+00:00',
    '1970-01-01T00:00:00.000000+00:00',
    '1969-12-31T23:59:59.999999+00:00',
    '1969-12-31T23:59:59.000000+00:00',
    '1685-01-01T00:00:00.000001+00:00',
    '2254-12-31T23:59:59.999999+00:00',
  ]

  /** A run with one event an instant, each caused by the one before. */
  function fill(): void {
    db.exec(`
      INSERT INTO simulation (id, name, event_count, first_timestamp, last_timestamp, first_turn, last_turn)
        VALUES (5, 'market-1', ${INSTANTS.length}, -1, 1, 0, 3), (6, 'empty', 0, NULL, NULL, NULL, NULL);
      INSERT INTO segment (id, simulation, name, size, device, inode, modified_ms, checkpoint, prefix_crc, tail_crc)
        VALUES (7, 5, 'events.jsonl', 100, 1, 2, 3.5, 90, 4, 5);
      INSERT INTO reject (simulation, segment, offset, length, reason) VALUES (5, 7, 40, 3, 'not JSON');
      INSERT INTO agent (id, name) VALUES (8, 'anna');
      INSERT INTO kind (id, name) VALUES (9, 'offer');
      INSERT INTO cell (id, type, agent, kind) VALUES (1, 3, 8, 9), (2, 3, NULL, NULL);`)
    const insert = db.prepare(
      `INSERT INTO event (id, simulation, segment, offset, length, timestamp, turn, cell, shape,
         event_id, caused_by, description, details)
       VALUES (?, 5, 7, ?, 9, ?, 3, ?, 0, ?, '["x"]', 'sells', '{"price":1.0}')`,
    )
    const link = db.prepare('INSERT INTO edge (cause, effect) VALUES (?, ?)')
    for (const [index, instant] of INSTANTS.entries()) {
      const cell = index === 0 ? 1 : 2
      insert.run(index + 1, index * 10, parseTimestamp(instant), cell, `event-${index}`)
      if (index > 0) link.run(index, index + 1)
    }
  }

  beforeEach(fill)

  it('say when in ISO 8601, to the microsecond, before 1970 as after', () => {
    const said = db.prepare('SELECT timestamp FROM events ORDER BY offset').pluck().all()
    expect(said).toEqual(INSTANTS)
  })

  it('spell every instant as the lines do', () => {
    const middle = parseTimestamp('1970-01-01T00:00:00Z') ?? Number.NaN
    const update = db.prepare('UPDATE event SET timestamp = ? WHERE id = 1')
    const read = db.prepare("SELECT timestamp FROM events WHERE event_id = 'event-0'").pluck()
    for (let step = -20; step <= 20; step++) {
      update.run(middle + step * 333_333)
      const said = String(read.get())
      expect(parseTimestamp(said)).toBe(middle + step * 333_333)
      expect(isCanonicalTimestamp(said)).toBe(true)
    }
  })

  it('show an event with names in place of numbers', () => {
    expect(db.prepare('SELECT * FROM events ORDER BY offset LIMIT 1').get()).toEqual({
      simulation_id: 'market-1',
      event_id: 'event-0',
      timestamp: INSTANTS[0],
      turn_number: 3,
      event_type: 'ACTION',
      kind: 'offer',
      agent_id: 'anna',
      caused_by: '["x"]',
      description: 'sells',
      details: '{"price":1.0}',
      segment: 'events.jsonl',
      offset: 0,
      length: 9,
    })
    const bare = db.prepare("SELECT kind, agent_id FROM events WHERE event_id = 'event-1'").get()
    expect(bare).toEqual({ kind: null, agent_id: null })
  })

  it('show causes and effects by their ids', () => {
    expect(db.prepare('SELECT * FROM causality').all()).toHaveLength(INSTANTS.length - 1)
    expect(db.prepare("SELECT * FROM causality WHERE cause_event_id = 'event-0'").all()).toEqual([
      { simulation_id: 'market-1', cause_event_id: 'event-0', effect_event_id: 'event-1' },
    ])
  })

  it('show runs, also one without events', () => {
    expect(db.prepare('SELECT * FROM simulations ORDER BY simulation_id').all()).toEqual([
      {
        simulation_id: 'empty',
        event_count: 0,
        reject_count: 0,
        duplicate_count: 0,
        start_time: null,
        end_time: null,
        first_turn: null,
        last_turn: null,
      },
      {
        simulation_id: 'market-1',
        event_count: INSTANTS.length,
        reject_count: 0,
        duplicate_count: 0,
        start_time: '1969-12-31T23:59:59.999999+00:00',
        end_time: '1970-01-01T00:00:00.000001+00:00',
        first_turn: 0,
        last_turn: 3,
      },
    ])
  })

  it('show segments with what is still unread, and rejects with their place', () => {
    expect(db.prepare('SELECT * FROM segments').all()).toEqual([
      {
        simulation_id: 'market-1',
        segment: 'events.jsonl',
        size: 100,
        checkpoint: 90,
        lag_bytes: 10,
        event_count: 0,
        reject_count: 0,
        duplicate_count: 0,
      },
    ])
    expect(db.prepare('SELECT * FROM rejects').all()).toEqual([
      {
        simulation_id: 'market-1',
        segment: 'events.jsonl',
        offset: 40,
        length: 3,
        reason: 'not JSON',
      },
    ])
  })
})
