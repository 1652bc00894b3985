import { expect, test } from 'vitest';
import { runTime } from './format';

test('the time of a run says its year where it is not this one, in the zone that it is said in', () => {
  const now = Date.UTC(2026, 10, 24);
  expect(runTime(Date.UTC(2026, 10, 24, 2), 'UTC', now)).toBe('Tue 24 Nov, 02:00');
  expect(runTime(Date.UTC(2028, 1, 29), 'UTC', now)).toBe('Tue, 29 Feb 2028, 00:00');
  const newYear = Date.UTC(2027, 0, 1, 0, 30);
  expect(runTime(newYear, 'UTC', now)).toContain('2027');
  expect(runTime(newYear, 'America/New_York', now)).toBe('Thu 31 Dec, 19:30');
});
