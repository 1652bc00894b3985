import { expect, test } from 'vitest';
import { ExactValue, endsWithLineBreak, valueProblem } from './value-field';

const PEM = '-----BEGIN KEY-----\r\nMIIBVgIBADANBg\r\nkqhkiG9w0B\r\n-----END KEY-----\r\n';

test('a pasted PEM with CRLF is kept to the byte', () => {
  const value = new ExactValue();
  const caret = value.insert(PEM, 0, 0);
  expect(value.text).toBe(PEM);
  expect(value.shown).toBe(PEM.replaceAll('\r\n', '\n'));
  expect(caret).toBe(value.shown.length);
});

test('typing into a pasted value leaves the rest of it as it was', () => {
  const value = new ExactValue();
  value.insert('a\r\nb\r\nc', 0, 0);
  value.edited('a\nbX\nc', 4);
  expect(value.text).toBe('a\r\nbX\r\nc');
  value.edited('a\nb\nc', 3);
  expect(value.text).toBe('a\r\nb\r\nc');
});

test('deleting a line break that is shown as one takes both of its bytes', () => {
  const value = new ExactValue();
  value.insert('a\r\nb', 0, 0);
  value.edited('ab', 1);
  expect(value.text).toBe('ab');
});

test('the caret tells which of two equal characters was deleted', () => {
  const value = new ExactValue();
  value.insert('\r\n\n', 0, 0);
  value.edited('\n', 0);
  expect(value.text).toBe('\n');
});

test('pasting over a selection replaces exactly what was selected', () => {
  const value = new ExactValue();
  value.insert('one\r\ntwo\r\nthree', 0, 0);
  expect(value.insert('2\r\n2', 4, 7)).toBe(7);
  expect(value.text).toBe('one\r\n2\r\n2\r\nthree');
});

test('selecting all and typing leaves only what was typed', () => {
  const value = new ExactValue();
  value.insert(PEM, 0, 0);
  value.edited('x', 1);
  expect(value.text).toBe('x');
});

test('quotes, emoji and a lone CR stay as they are', () => {
  const value = new ExactValue();
  value.insert(`"'\\🔑\rend`, 0, 0);
  expect(value.text).toBe(`"'\\🔑\rend`);
});

test('cleared, nothing of it is left', () => {
  const value = new ExactValue();
  value.insert(PEM, 0, 0);
  value.clear();
  expect(value.text).toBe('');
});

test('refuses what is empty, too large, or holds a NUL', () => {
  expect(valueProblem('')).toBe('Type or paste a value.');
  expect(valueProblem('a\0b')).toBe("A value can't contain a NUL byte.");
  expect(valueProblem('é'.repeat(2560))).toBeNull();
  expect(valueProblem(`${'é'.repeat(2560)}x`)).toBe('A value has at most 5 KiB (5,120 bytes); this one has 5,121.');
});

test('a line break at the end is noticed', () => {
  expect(endsWithLineBreak(PEM)).toBe(true);
  expect(endsWithLineBreak('abc')).toBe(false);
});

const PASTED = 'BEGIN\nmiddle\nEND\n';

test('a paste whose line breaks the browser made LF is mended with those that were copied', () => {
  const value = new ExactValue();
  value.insert('<>', 0, 0);
  const { caret, mend } = value.paste(PASTED, 1, 1);
  mend(['\r\n', '\n', '\r\n']);
  expect(value.text).toBe('<BEGIN\r\nmiddle\nEND\r\n>');
  expect(caret).toBe(1 + PASTED.length);
  expect(value.shown).toBe(`<${PASTED}>`);
});

test('a paste stays as it is where the clipboard says nothing of it, or where it has gone meanwhile', () => {
  const value = new ExactValue();
  value.paste(PASTED, 0, 0).mend(null);
  expect(value.text).toBe(PASTED);
  const { mend } = value.paste(PASTED, 0, 0);
  value.clear();
  mend(['\r\n', '\r\n', '\r\n']);
  expect(value.text).toBe('');
});
