import { createRandom, type GeneratedRun } from './generate.js'
import type { Samples } from './query-samples.js'
import { queryShapes, SHAPES } from './query-shapes.js'
import { questionPath } from './question-path.js'

/** How often a kind of question is asked, in a hundred. */
export const LOAD_MIX: Readonly<Record<string, number>> = {
  [SHAPES.anyPage]: 40,
  [SHAPES.anyTotal]: 15,
  [SHAPES.event]: 20,
  'causality, depth 5': 10,
  'histogram, any combination of filters': 5,
  'run in full': 5,
  'list of simulations': 5,
}

const SEED = 23

/** So many paths of the mix, each of a kind and about a place that are left to chance. */
export function loadPaths(run: GeneratedRun, samples: Samples, count: number): string[] {
  const shapes = queryShapes(run, samples, SEED)
  const kinds = Object.entries(LOAD_MIX).flatMap(([kind, share]) =>
    Array.from({ length: share }, () => kind),
  )
  const random = createRandom(SEED)
  return Array.from({ length: count }, () => {
    const shape = shapes[kinds[Math.floor(random() * kinds.length)] ?? '']
    if (shape === undefined) throw new Error('the mix has a kind of question that there is not')
    return questionPath(run.simulationId, shape())
  })
}
