/** What runs can be exported as. */
export const EXPORT_FORMATS = ['parquet', 'csv', 'ndjson', 'html'] as const

/** One of {@link EXPORT_FORMATS}. */
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

/** Of these, several runs can follow each other in one stream. */
export const STREAMED_FORMATS: readonly ExportFormat[] = ['csv', 'ndjson']
