import compression from 'compression'
import type { RequestHandler } from 'express'

/** Compresses answers for who takes it, but no stream of events: it would be held back. */
export const compressAnswers: RequestHandler = compression({
  filter: (request, response) => {
    const type = response.get('Content-Type') ?? ''
    return !type.startsWith('text/event-stream') && compression.filter(request, response)
  },
})
