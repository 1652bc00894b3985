// What the core tells without having been asked, for the life of the page: a question stands open, and each answer to it is
// followed by the next.

import type { Event } from './bindings/Event';
import * as ipc from './ipc';

/** What is asked of the window itself. */
export type OfTheWindow = Extract<Event, { type: 'menu' | 'closing' }>;
export type OfTheCore = Exclude<Event, OfTheWindow>;

/** Resolves once it was told how things stand. From then on nothing is missed. */
export const listenTo = (hear: (event: Event) => void): Promise<void> =>
  new Promise((resolve) => void goOn(hear, resolve));

async function goOn(hear: (event: Event) => void, begun: () => void): Promise<void> {
  // Again after whatever failed: that answer tells how things stand now.
  for (let first = true; ; ) {
    try {
      tell(await ipc.watch(first), hear);
      begun();
      first = false;
    } catch (thrown) {
      console.error(thrown);
      await new Promise((resolve) => setTimeout(resolve, 1000));
      first = true;
    }
  }
}

/** One that cannot be taken in does not keep the others from being heard. */
function tell(events: Event[], hear: (event: Event) => void): void {
  for (const event of events) {
    try {
      hear(event);
    } catch (thrown) {
      reportError(thrown);
    }
  }
}
