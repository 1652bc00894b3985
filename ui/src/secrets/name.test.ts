import { expect, test } from 'vitest';
import { formatSecretName, nameProblem, nameProblemSoFar } from './name';

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
  expect(nameProblemSoFar('CLé', 'secret')).toContain('“é” is none of these');
  expect(nameProblem('A.B', 'secret')).toContain('“.” is none of these');
});

test('a digit at the start is said while typing', () => {
  expect(nameProblemSoFar('1', 'secret')).toBe("A secret's name can't start with a digit: env.1 is not valid code.");
});

test('being short is only said when it is submitted', () => {
  expect(nameProblemSoFar('AB', 'secret')).toBeNull();
  expect(nameProblem('AB', 'secret')).toBe("A secret's name has at least 3 characters.");
  expect(nameProblem('', 'secret')).toBe('Type a name for the secret.');
  expect(nameProblem('ABC', 'secret')).toBeNull();
});

test('more than 64 characters are refused', () => {
  expect(nameProblem('A'.repeat(64), 'secret')).toBeNull();
  expect(nameProblemSoFar('A'.repeat(65), 'secret')).toContain('this one has 65');
});
