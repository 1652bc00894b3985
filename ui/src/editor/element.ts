// Elements that are made by hand, in the editor, where no component draws.

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  classes: string,
  text = '',
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (classes) made.className = classes;
  if (text) made.textContent = text;
  return made;
}
