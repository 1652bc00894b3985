import { openSearchPanel, SearchQuery, setSearchQuery } from '@codemirror/search';
import { EditorState } from '@codemirror/state';
import { screen, waitFor } from '@testing-library/svelte';
import axe from 'axe-core';
import { expect, test } from 'vitest';
import { code, openWindow, typeCode } from '../test-window';
import { matches } from './matches';

/** What is said beside the field, once it is this. */
const says = (words: string) =>
  waitFor(() => expect(code().dom.querySelector('[role=status]')?.textContent).toBe(words));

async function openFind(text: string) {
  const { user } = await openWindow((core) => core.add('hello', text));
  code().focus();
  await user.keyboard('{Control>}f{/Control}');
  const field = await screen.findByRole<HTMLInputElement>('textbox', { name: 'Find' });
  return { user, field };
}

test('the search says how many matches there are, and which of them is selected', async () => {
  const { user, field } = await openFind('one two\none two\ntwo\n');
  await says('');
  await user.type(field, 'two');
  await says('3 results');
  const [next, previous] = ['Next', 'Previous'].map((name) => screen.getByRole('button', { name }));
  for (const words of ['1 of 3', '2 of 3', '3 of 3', '1 of 3']) {
    await user.click(next as HTMLElement);
    await says(words);
  }
  await user.click(previous as HTMLElement);
  await says('3 of 3');
  await user.type(field, ' ');
  await says('No results');
  await user.keyboard('{Control>}a{/Control}{Backspace}');
  await says('');
});

test('what is typed in the code is counted, also while the search stays open', async () => {
  const { user, field } = await openFind('two\n');
  await user.type(field, 'two');
  await says('1 result');
  typeCode('two two');
  await says('3 results');
  expect((await axe.run(code().dom, { rules: { 'color-contrast': { enabled: false } } })).violations).toEqual([]);
});

test('what is no regular expression is said to be none', async () => {
  const { user, field } = await openFind('f(x)\n');
  await user.type(field, 'f(');
  await says('1 result');
  expect(field.getAttribute('aria-invalid')).toBe('false');
  await user.click(screen.getByRole('checkbox', { name: 'Regular expression' }));
  await says('Not a regular expression');
  expect(field.getAttribute('aria-invalid')).toBe('true');
  await user.type(field, 'y)');
  await says('No results');
  expect(field.getAttribute('aria-invalid')).toBe('false');
});

test('of very many matches it is said that they are many', async () => {
  await openFind('x '.repeat(1001));
  code().dispatch({ effects: setSearchQuery.of(new SearchQuery({ search: 'x' })) });
  await says('1,000+ results');
  code().dispatch({ selection: { anchor: 1998, head: 1999 } });
  await says('1,000 of 1,000+');
  code().dispatch({ selection: { anchor: 2000, head: 2001 } });
  await says('1,000+ results');
});

test('a search that is open when the editor is given what it says is counted too', async () => {
  await openWindow((core) => core.add('hello', 'two'));
  openSearchPanel(code());
  code().dispatch({ effects: setSearchQuery.of(new SearchQuery({ search: 'two' })) });
  code().setState(code().state);
  await says('1 result');
});

test('matches are the same in a stretch at a time as in one go', () => {
  const texts = [
    'a'.repeat(40_001),
    'aab'.repeat(20_000),
    'foobar bar '.repeat(5000),
    `${'x'.repeat(16_383)}bar ${'𝐀a'.repeat(20_000)}`,
    'ﬁﬁ ﬀ FI\n'.repeat(6000),
    'a '.repeat(30_000),
  ];
  const queries = [
    { search: 'aa' },
    { search: 'AA', caseSensitive: true },
    { search: 'bar', wholeWord: true },
    { search: 'aaaa' },
    { search: 'fif' },
    { search: 'a', wholeWord: true },
    { search: 'a a', wholeWord: true },
    { search: 'a a a', wholeWord: true },
    { search: 'a+b?', regexp: true },
    { search: '\\sbar|\\n', regexp: true },
  ].map((config) => new SearchQuery(config));
  for (const doc of texts) {
    const state = EditorState.create({ doc });
    for (const query of queries) {
      const known = [];
      const cursor = query.getCursor(state);
      for (let next = cursor.next(); !next.done; next = cursor.next()) {
        known.push([next.value.from, next.value.to]);
      }
      const found = [...matches(query, state)].flatMap((match) => (match ? [[match.from, match.to]] : []));
      expect(found, `${query.search.slice(0, 20)} in ${doc.slice(0, 20)}`).toEqual(known);
    }
  }
});
