import type { SimulationItem } from '../../src/query/list-simulations.js'
import { createCsvWriter } from './csv-writer.js'
import type { ExportFormat } from './format-names.js'
import { createHtmlWriter } from './html-writer.js'
import { createNdjsonWriter } from './ndjson-writer.js'
import { createParquetWriter } from './parquet-writer.js'
import type { ByteSink, RunWriter } from './run-writer.js'

/** @param isFirst whether no other run comes before it in the same stream */
export function createRunWriter(
  format: ExportFormat,
  sink: ByteSink,
  simulation: SimulationItem,
  isFirst: boolean,
): RunWriter {
  switch (format) {
    case 'parquet':
      return createParquetWriter(sink, simulation.id)
    case 'csv':
      return createCsvWriter(sink, simulation.id, isFirst)
    case 'ndjson':
      return createNdjsonWriter(sink)
    case 'html':
      return createHtmlWriter(sink, simulation.id)
  }
}
