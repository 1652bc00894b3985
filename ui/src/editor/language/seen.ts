// The server sees a little more of a document than the user does. Places and edits are led past it here, on their way
// out and back; what is wholly inside of it is none of the user's business.

import type { Position, Range } from './protocol';

/** What is added to a document, in the server's way of counting. */
export interface Added {
  uri: string;
  at: Position;
  length: number;
}

/** A question about the document at `uri`, as the server is to read it. */
export function outward<T>(message: T, uri: string, added: Added | null): T {
  if (!added) return message;
  const move = (place: Position) => (follows(place, added, 1) ? shifted(place, added.length) : place);
  return walk(message, uri, { added, move }) as T;
}

/** An answer about the document at `uri`, as the user is to read it. */
export function inward<T>(message: T, uri: string, added: Added | null): T {
  if (!added) return message;
  const move = (place: Position) =>
    follows(place, added, 0) ? shifted(place, -Math.min(added.length, place.character - added.at.character)) : place;
  return walk(message, uri, { added, move, drop: (range) => isInside(range, added) }) as T;
}

interface Moving {
  added: Added;
  move(place: Position): Position;
  drop?(range: Range): boolean;
}

const follows = ({ line, character }: Position, { at }: Added, by: number) =>
  line === at.line && character >= at.character + by;

const shifted = ({ line, character }: Position, by: number): Position => ({ line, character: character + by });

/** An edit at one of its ends is one of what stands beside it. */
function isInside({ start, end }: Range, { at, length }: Added): boolean {
  const [from, to] = [at.character, at.character + length];
  if (start.line !== at.line || end.line !== at.line || start.character < from || end.character > to) return false;
  return start.character !== end.character || (start.character > from && start.character < to);
}

/** Every place in a message: what has an address says itself which document it is about. */
function walk(value: unknown, uri: string, moving: Moving): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const here = sameAddress(uri, moving.added.uri);
  if (Array.isArray(value)) {
    const kept = value.filter((each) => !isDropped(each, uri, moving));
    return kept.map((each) => walk(each, uri, moving));
  }
  if (isPosition(value)) return here ? moving.move(value) : value;
  const of = addressOf(value) ?? uri;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => {
      if (key === 'changes') return [key, walkChanges(each, moving)];
      return [key, walk(each, key === 'originSelectionRange' ? uri : of, moving)];
    }),
  );
}

/** Edits by the address of their file. */
function walkChanges(changes: object, moving: Moving): unknown {
  return Object.fromEntries(Object.entries(changes).map(([uri, edits]) => [uri, walk(edits, uri, moving)]));
}

function isDropped(value: unknown, uri: string, { added, drop }: Moving): boolean {
  if (!drop || typeof value !== 'object' || value === null || !('range' in value)) return false;
  return sameAddress(addressOf(value) ?? uri, added.uri) && drop(value.range as Range);
}

function addressOf(value: object): string | null {
  const { uri, targetUri } = value as { uri?: unknown; targetUri?: unknown };
  return typeof uri === 'string' ? uri : typeof targetUri === 'string' ? targetUri : null;
}

function isPosition(value: object): value is Position {
  const { line, character } = value as Partial<Position>;
  return typeof line === 'number' && typeof character === 'number';
}

const sameAddress = (a: string, b: string) => a === b || decodeURIComponent(a) === decodeURIComponent(b);
