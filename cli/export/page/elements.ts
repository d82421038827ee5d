type Child = Node | string

/** What an element is given beside its children; texts are attributes. */
interface Traits {
  readonly onclick?: () => void
  readonly [attribute: `aria-${string}` | `data-${string}`]: string
  readonly class?: string
  readonly href?: string
  readonly role?: string
  readonly tabindex?: string
  readonly title?: string
  readonly value?: string
}

/** Makes an element. Whatever an event says becomes text, never markup. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  { onclick, ...attributes }: Traits = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  if (onclick !== undefined) made.addEventListener('click', onclick)
  made.append(...children)
  return made
}

/** An element of the page's frame. @throws Error when the page has none */
export function part<E extends HTMLElement>(id: string, kind: new () => E): E {
  const found = document.getElementById(id)
  if (!(found instanceof kind)) throw new Error(`the page has no ${id}`)
  return found
}

/** The class that gives a type its colour. */
export function typeClass(type: string): string {
  return `type-${type.toLowerCase()}`
}

const counting = new Intl.NumberFormat('en-US')

/** `1 event`, `2,041 events`. */
export function count(number: number, noun: string): string {
  return `${counting.format(number)} ${noun}${number === 1 ? '' : 's'}`
}
