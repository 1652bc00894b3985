// What is run in the page of every editor that is measured, ours and theirs. The clock is the page's own, and a thing is
// there once a frame with it is painted: a task that is sent off in the callbacks of a frame comes after its painting.

function painted(then) {
  requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => then(performance.now());
    port2.postMessage(null);
  });
}

/** Whether what a selector finds is in sight and says a word. */
function inSight(selector, word) {
  const found = document.querySelector(selector);
  if (!found?.textContent.includes(word)) return false;
  const { top, height } = found.getBoundingClientRect();
  return height > 0 && top >= 0 && top < innerHeight;
}

/** Milliseconds from each key to the next frame. */
const keys = [];
/** What the next event of a kind is to bring into sight. */
let awaited = null;
/** How long that took; null while it is not there. */
let taken = null;

function begin(event) {
  const began = performance.now();
  if (event.type === 'keydown') painted((now) => keys.push(now - began));
  if (awaited?.after !== event.type) return;
  const { selector, word } = awaited;
  awaited = null;
  const look = (now) => (inSight(selector, word) ? (taken = now - began) : painted(look));
  painted(look);
}

addEventListener('keydown', begin, { capture: true });
addEventListener('click', begin, { capture: true });

window.watch = {
  keys: () => keys.splice(0),
  await(after, selector, word) {
    taken = null;
    awaited = { after, selector, word };
  },
  taken: () => taken,
  inSight,
};
