import { part } from './elements.js'

/**
 * Remembers what has the focus, before anything is shown anew.
 *
 * @returns to be called behind that, with the id of the event that was looked at and of the
 * one that is. Moves the focus into the panel when an event is opened, back to its row when
 * it is closed, and otherwise to what stands for the thing that had it.
 */
export function keepFocus(): (before: string, after: string) => void {
  const focused = document.activeElement
  if (!(focused instanceof HTMLElement) || focused === document.body) return () => undefined
  const panel = part('event', HTMLElement)
  const isInPanel = panel.contains(focused)
  return (before, after) => {
    const { event, turn } = focused.dataset
    if (after !== '' && after !== before && (isInPanel || event !== undefined)) panel.focus()
    else if (isInPanel && after === '') find('#rows a', 'event', before)?.focus()
    else if (isInPanel && !focused.isConnected) panel.focus()
    else if (event !== undefined) find('#rows a', 'event', event)?.focus()
    else if (turn !== undefined) find('#timeline button', 'turn', turn)?.focus()
    else if (focused.hidden) find('#timeline button')?.focus()
  }
}

/** The first element a selector finds, or the first whose key has a value. */
function find(selector: string, key?: string, value?: string): HTMLElement | undefined {
  const all = [...document.querySelectorAll<HTMLElement>(selector)]
  return key === undefined ? all[0] : all.find(({ dataset }) => dataset[key] === value)
}
