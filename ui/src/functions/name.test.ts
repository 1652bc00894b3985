import { expect, test } from 'vitest';
import { formatInPlace } from '../formatted-input';
import { formatFunctionName, functionNameProblem } from './name';

test('“My Webhook” becomes my-webhook as it is typed', () => {
  const typed = [...'My Webhook'].reduce((name, key) => formatFunctionName(name + key), '');
  expect(typed).toBe('my-webhook');
});

test('the caret stays where the person put it', () => {
  const input = document.createElement('input');
  input.value = 'my  new-hook';
  input.setSelectionRange(4, 4);
  expect(formatInPlace(input, formatFunctionName)).toBe('my-new-hook');
  expect(input.selectionStart).toBe(3);
});

test('names that the Workers API does not take are refused with the reason', () => {
  expect(functionNameProblem('')).toBe('Type a name for the function.');
  expect(functionNameProblem('café')).toContain('“é” is none of these');
  expect(functionNameProblem('-a')).toContain('neither starts nor ends with a dash');
  expect(functionNameProblem('a-')).toContain('neither starts nor ends with a dash');
  expect(functionNameProblem('a'.repeat(64))).toContain('this one has 64');
  expect(functionNameProblem('a'.repeat(63))).toBeNull();
  expect(functionNameProblem('9-lives')).toBeNull();
});
