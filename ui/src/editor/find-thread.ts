// A thread that goes through a text by a regular expression, as the search of the editor does, and says when it has ended.

export interface Asked {
  search: string;
  caseSensitive: boolean;
  text: string;
}

/** CodeMirror looks in all lines at once where a match may go from one to the next. */
const ACROSS = /\\[sWDnr]|\n|\r|\[\^/;

self.onmessage = ({ data }: MessageEvent<Asked>) => {
  const { search, caseSensitive, text } = data;
  const expression = new RegExp(search, caseSensitive ? 'gmu' : 'gmui');
  for (const part of ACROSS.test(search) ? [text] : text.split('\n')) for (const _ of part.matchAll(expression));
  self.postMessage('ended');
};

self.postMessage('ready');
