import { expect, test } from 'vitest';
import { formatSecretName, secretNameProblem, secretNameProblemSoFar } from './name';

/** Formats after every key, as the field does. */
const typed = (text: string) => [...text].reduce((name, key) => formatSecretName(name + key), '');

test('“hubspot api key” becomes HUBSPOT_API_KEY, typed or pasted', () => {
  expect(typed('hubspot api key')).toBe('HUBSPOT_API_KEY');
  expect(formatSecretName('hubspot api key')).toBe('HUBSPOT_API_KEY');
});

test('dashes and runs of spaces become one underscore', () => {
  expect(typed('stripe - signing-key')).toBe('STRIPE_SIGNING_KEY');
  expect(formatSecretName('  stripe   key')).toBe('STRIPE_KEY');
});

test('underscores that were typed stay', () => {
  expect(typed('A__B_')).toBe('A__B_');
});

test('other characters stay in the field and are refused', () => {
  expect(formatSecretName('clé')).toBe('CLé');
  expect(secretNameProblemSoFar('CLé')).toContain('“é” is none of these');
  expect(secretNameProblem('A.B')).toContain('“.” is none of these');
});

test('a digit at the start is said while typing', () => {
  expect(secretNameProblemSoFar('1')).toBe("A secret's name can't start with a digit: env.1 is not valid code.");
});

test('being short is only said when it is submitted', () => {
  expect(secretNameProblemSoFar('AB')).toBeNull();
  expect(secretNameProblem('AB')).toBe("A secret's name has at least 3 characters.");
  expect(secretNameProblem('')).toBe('Type a name for the secret.');
  expect(secretNameProblem('ABC')).toBeNull();
});

test('more than 64 characters are refused', () => {
  expect(secretNameProblem('A'.repeat(64))).toBeNull();
  expect(secretNameProblemSoFar('A'.repeat(65))).toContain('this one has 65');
});
