/** The size at which a segment is sealed, unless told otherwise: 500 MB. Bytes. */
export const DEFAULT_MAX_FILE_SIZE = 500 * 1024 * 1024

/**
 * Whether the active segment is to be sealed before a line is appended. No
 * segment grows beyond `maxFileSize`, unless a single line does.
 *
 * @param size bytes the active segment has
 * @param lineBytes bytes of the line, its newline included
 */
export function shouldRotate(size: number, lineBytes: number, maxFileSize: number): boolean {
  return size > 0 && size + lineBytes > maxFileSize
}
