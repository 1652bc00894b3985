// What is run in the page of every editor that is measured, ours and theirs. The clock is the page's own, and a thing is
// there once a frame with it is painted: a task that is sent off in the callbacks of a frame comes after its painting. It
// is a message of the window to itself. One through a channel goes through another process of WebKit, and comes up to
// 40 ms later, behind whatever has arrived meanwhile.

/** Who is to be told of the frames that are being painted. */
const waiting = [];

addEventListener('message', ({ data }) => {
  if (data === 'painted') waiting.shift()?.(performance.now());
});

function painted(then) {
  requestAnimationFrame(() => {
    waiting.push(then);
    postMessage('painted', '*');
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
