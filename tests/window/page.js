// Finds what is shown by its role and its accessible name, as assistive technology does. It is put in front of every
// script that the tests run in the page, and leaves nothing there.

const ROLES = {
  alert: '[role=alert]', button: 'button, [role=button], summary',
  checkbox: 'input[type=checkbox]', dialog: '[role=dialog], [role=alertdialog], dialog',
  heading: 'h1, h2, h3, [role=heading]', list: 'ul, ol, [role=list]', listitem: 'li, [role=listitem]',
  log: '[role=log]', menuitem: '[role=menuitem]', menuitemcheckbox: '[role=menuitemcheckbox]', navigation: 'nav', option: '[role=option]', radio: 'input[type=radio]',
  status: '[role=status]', tab: '[role=tab]', table: 'table', textbox: 'textarea, input:not([type=radio], [type=checkbox]), [role=textbox]',
};

function squeezed(text) {
  return text.replace(/\s+/g, ' ').trim();
}

/** The text of an element without what is hidden from assistive technology, with a space wherever a box begins. */
function textOf(node, skip) {
  if (node.nodeType === Node.TEXT_NODE) return node.data;
  if (node.nodeType !== Node.ELEMENT_NODE || node === skip || node.ariaHidden === 'true') return '';
  const { display, visibility } = getComputedStyle(node);
  if (display === 'none' || visibility === 'hidden') return '';
  const text = [...node.childNodes].map((child) => textOf(child, skip)).join('');
  return display === 'inline' ? text : ` ${text} `;
}

function nameOf(element) {
  const by = element.getAttribute('aria-labelledby');
  if (by) return squeezed(by.split(/\s+/).map((id) => textOf(document.getElementById(id) ?? new Text())).join(' '));
  if (element.ariaLabel) return squeezed(element.ariaLabel);
  const label = element.labels?.[0];
  if (label) return squeezed(textOf(label, element));
  return squeezed(textOf(element)) || squeezed(element.title || element.placeholder || '');
}

function isShown(element) {
  if (element.closest('[inert], [aria-hidden=true]') || !element.checkVisibility({ visibilityProperty: true })) return false;
  // What says nothing has no box, and its role is there all the same.
  return element.getClientRects().length > 0 || element.matches('[role=status]');
}

function isNamed(element, name) {
  if (name === '') return true;
  const found = nameOf(element);
  return name.endsWith('…') ? found.startsWith(name.slice(0, -1)) : found === name;
}

/** Each step of the path is a role and a name, looked for inside what the step before has found. */
function find(path) {
  let roots = [document];
  for (const [role, name] of path) {
    const found = roots.flatMap((root) => [...root.querySelectorAll(ROLES[role])]);
    roots = [...new Set(found)].filter((element) => isShown(element) && isNamed(element, name));
  }
  return roots;
}

/** The code in the editor, without the buttons that stand in it. */
function code() {
  const lines = [...document.querySelectorAll('.cm-content .cm-line')].map((line) => {
    const copy = line.cloneNode(true);
    for (const button of copy.querySelectorAll('button')) button.remove();
    return copy.textContent;
  });
  return lines.join('\n');
}
