import { foldedRanges } from '@codemirror/language';
import { EditorSelection } from '@codemirror/state';
import { beforeEach, expect, test } from 'vitest';
import { code, openWindow } from '../test-window';

const CODE = 'function one() {\n  return 1\n}\nfunction two() {\n  return 2\n}\n';

/** Ctrl, Shift and the key, as they are pressed in the code. */
function press(key: '{' | '}'): void {
  const keyCode = key === '{' ? 219 : 221;
  const event = new KeyboardEvent('keydown', { key, keyCode, ctrlKey: true, shiftKey: true, bubbles: true });
  code().contentDOM.dispatchEvent(event);
}

beforeEach(async () => {
  await openWindow((core) => core.add('hello', CODE));
});

test('several places are typed into at once', () => {
  const places = [...CODE.matchAll(/return/g)].map(({ index }) => EditorSelection.cursor(index));
  code().dispatch({ selection: EditorSelection.create(places) });
  code().dispatch(code().state.replaceSelection('await '));
  expect(
    code()
      .state.doc.toString()
      .match(/await return/g),
  ).toHaveLength(2);
});

test('a function is folded and unfolded by its keys, and marked beside its first line', () => {
  const folded = () => {
    const lines: number[] = [];
    const { doc } = code().state;
    foldedRanges(code().state).between(0, doc.length, (from) => void lines.push(doc.lineAt(from).number));
    return lines;
  };
  code().dispatch({ selection: { anchor: CODE.indexOf('two') } });
  press('{');
  expect(folded()).toEqual([4]);
  expect(document.querySelector('.cm-foldGutter')?.textContent).toContain('›');
  press('}');
  expect(folded()).toEqual([]);
});

test('the bracket that belongs to the one at the caret is marked', () => {
  code().dispatch({ selection: { anchor: CODE.indexOf('{') } });
  const marked = [...document.querySelectorAll('.cm-matchingBracket')];
  expect(marked.map(({ textContent }) => textContent)).toEqual(['{', '}']);
});
