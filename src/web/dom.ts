// Small helpers over the document.

/** The element with this id; the page's own, so it is there. */
export const byId = <T extends HTMLElement = HTMLElement>(id: string): T => {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found as T;
};

/** A new element with text or children. */
export const make = <K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
};

/** A table row of cells. */
export const row = (cells: readonly (Node | string)[], tag: 'td' | 'th' = 'td'): HTMLTableRowElement =>
  make('tr', {}, ...cells.map((cell) => make(tag, tag === 'th' ? { scope: 'col' } : {}, cell)));

export const thousands = (value: number): string => value.toLocaleString('en-US');

/** With a minus sign that is one. */
export const signed = (value: number): string => (value < 0 ? `−${thousands(-value)}` : thousands(value));

/** A colour of the page's theme. */
export const themeColour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** Calls `run` once, a moment after the last call. */
export const debounced = (run: () => void, milliseconds: number): (() => void) => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(run, milliseconds);
  };
};
