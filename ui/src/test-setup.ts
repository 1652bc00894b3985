// What happy-dom lacks and the window uses, and a clean store and core for each test.

import { beforeEach, vi } from 'vitest';

// Wide enough for the right pane to lie beside the code.
(window as unknown as { happyDOM: { setViewport(size: object): void } }).happyDOM.setViewport({
  width: 1280,
  height: 800,
});

window.matchMedia ??= (query: string) =>
  Object.assign(new EventTarget(), { matches: false, media: query }) as MediaQueryList;
Range.prototype.getClientRects ??= () => [] as unknown as DOMRectList;
Range.prototype.getBoundingClientRect ??= () => new DOMRect();
globalThis.ResizeObserver ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
};

// happy-dom tells of a changed selection in the middle of changing it, where browsers wait. The editor knows its own.
const dispatch = document.dispatchEvent.bind(document);
document.dispatchEvent = (event: Event) => event.type === 'selectionchange' || dispatch(event);

beforeEach(() => {
  localStorage.clear();
  vi.useRealTimers();
});
