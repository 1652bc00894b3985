import { EditorState } from '@codemirror/state';
import { expect, test } from 'vitest';
import { markdown } from './markdown';

const shown = (value: string) => markdown(EditorState.create(), { kind: 'markdown', value }).innerHTML;

test('documentation is made into elements, and what stands within another is, too', () => {
  expect(shown('The **`Request`** of *the* [`Fetch` API](https://example.com), see <https://example.com/a>.')).toBe(
    '<p>The <strong><code>Request</code></strong> of <em>the</em> <code>Fetch</code> API, see https://example.com/a.</p>',
  );
  expect(shown('# Title\n\n- one\n- `two`\n\n---\n\n2 * 3 * 4')).toBe(
    '<p>Title</p><ul><li>one</li><li><code>two</code></li></ul><hr><p>2 * 3 * 4</p>',
  );
});

test('nothing of it is read as HTML', () => {
  expect(shown('<img src=x> & **<b>**')).toBe('<p>&lt;img src=x&gt; &amp; <strong>&lt;b&gt;</strong></p>');
});
