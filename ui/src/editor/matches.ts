// The matches of a search, found a stretch of the text at a time: whoever asks can pause between two of them.

import type { SearchCursor, SearchQuery } from '@codemirror/search';
import type { EditorState } from '@codemirror/state';

export interface Match {
  from: number;
  to: number;
}

/** Some milliseconds of work. */
const STRETCH = 16 * 1024;

/** In their order; null after each stretch, whether there was one in it or not. */
export function* matches(query: SearchQuery, state: EditorState): Generator<Match | null, undefined> {
  // A regular expression is looked for by the engine itself, which goes through all of the text in less than a frame.
  if (query.regexp) return yield* all(query.getCursor(state));
  const { length } = state.doc;
  // Letters are compared by their parts, of which each stands for two units at the most.
  const longest = 2 * query.search.normalize('NFKD').toLowerCase().length;
  // Whether a word begins is told by what stands before it.
  const margin = query.wholeWord ? 2 : 0;
  for (let begin = 0; begin < length; ) {
    const end = begin + STRETCH;
    let after = end;
    const last = Math.min(length, end + longest);
    const cursor = query.getCursor(state, Math.max(0, begin - margin), last) as SearchCursor;
    // What begins in the margin does not count, and hides nothing that overlaps it.
    do cursor.nextOverlapping();
    while (!cursor.done && cursor.value.from < begin);
    for (; !cursor.done && cursor.value.from < end; cursor.next()) {
      const { from, to } = cursor.value;
      after = Math.max(after, to);
      yield { from, to };
    }
    yield null;
    begin = after;
  }
}

function* all(cursor: ReturnType<SearchQuery['getCursor']>): Generator<Match, undefined> {
  for (let next = cursor.next(); !next.done; next = cursor.next()) yield { from: next.value.from, to: next.value.to };
}
