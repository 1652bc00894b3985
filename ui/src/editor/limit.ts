// A function's file holds at most 1 MiB. A change that would make it larger is refused, and says so.

import { EditorState, type Extension, StateEffect, type Text } from '@codemirror/state';

export const MAX_SOURCE = 1024 * 1024;

/** Sent in place of a change that was refused. */
export const refused = StateEffect.define<string>();

export const sizeLimit: Extension = EditorState.transactionFilter.of((transaction) => {
  if (!transaction.docChanged) return transaction;
  const { newDoc, startState } = transaction;
  // A UTF-16 code unit is at most three bytes of UTF-8, so most files need no counting.
  if (newDoc.length <= startState.doc.length || newDoc.length * 3 <= MAX_SOURCE) return transaction;
  const bytes = byteLength(newDoc);
  if (bytes <= MAX_SOURCE) return transaction;
  const size = (bytes / MAX_SOURCE).toFixed(1);
  return { effects: refused.of(`A file has at most 1 MiB; with this it would have ${size} MiB. Nothing was changed.`) };
});

function byteLength(text: Text): number {
  let bytes = text.lines - 1;
  for (const part of text.iterLines()) {
    for (let i = 0; i < part.length; i++) {
      const unit = part.charCodeAt(i);
      // Each half of a surrogate pair stands for two of its four bytes.
      bytes += unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 2 : 3;
    }
  }
  return bytes;
}
