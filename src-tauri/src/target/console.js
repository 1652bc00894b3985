// Runs in the function's own isolate, before its code. workerd passes on what five functions of the console say; here the
// others say it through these, and a rejection that nobody handles is said as other runtimes do.
const { error, log } = console;
const counts = new Map();
const timers = new Map();
const rejected = new Map();

const label = (name) => cell(name ?? "default");

/** Nothing that is shown may throw into the code that shows it. */
function cell(value) {
  try {
    return (typeof value === "object" && value !== null ? JSON.stringify(value) : undefined) ?? String(value);
  } catch {
    return typeof value;
  }
}

const elapsed = (name) => `${label(name)}: ${performance.now() - timers.get(label(name))} ms`;

/** The rows of what is listed, the first of which are the names of its columns. */
function rows(data, columns) {
  const entries = data instanceof Map || data instanceof Set || Array.isArray(data) ? [...data.entries()] : Object.entries(data);
  const isRow = (value) => typeof value === "object" && value !== null;
  const keys = Array.isArray(columns) ? columns : [...new Set(entries.flatMap(([, value]) => (isRow(value) ? Object.keys(value) : [])))];
  const values = keys !== columns && entries.some(([, value]) => !isRow(value)) ? ["Values"] : [];
  const body = entries.map(([index, value]) => [
    cell(index),
    ...keys.map((key) => (isRow(value) && key in value ? cell(value[key]) : "")),
    ...values.map(() => (isRow(value) ? "" : cell(value))),
  ]);
  return [["(index)", ...keys.map(String), ...values], ...body];
}

Object.assign(console, {
  assert(holds, ...what) {
    if (holds) return;
    if (typeof what[0] === "string") error(`Assertion failed: ${what[0]}`, ...what.slice(1));
    else error("Assertion failed", ...what);
  },
  count(name) {
    counts.set(label(name), (counts.get(label(name)) ?? 0) + 1);
    log(`${label(name)}: ${counts.get(label(name))}`);
  },
  countReset: (name) => void counts.delete(label(name)),
  dir: (value) => log(value),
  dirxml: (...values) => log(...values),
  group: (...title) => title.length > 0 && log(...title),
  groupCollapsed: (...title) => title.length > 0 && log(...title),
  groupEnd() {},
  table(data, columns) {
    if (typeof data !== "object" || data === null) return log(data);
    const all = rows(data, columns);
    const widths = all[0].map((_, at) => all.reduce((width, row) => Math.max(width, row[at].length), 0));
    log(all.map((row) => row.map((text, at) => text.padEnd(widths[at])).join(" │ ").trimEnd()).join("\n"));
  },
  time: (name) => void timers.set(label(name), performance.now()),
  timeLog: (name, ...more) => timers.has(label(name)) && log(elapsed(name), ...more),
  timeEnd(name) {
    if (timers.has(label(name))) log(elapsed(name));
    timers.delete(label(name));
  },
  trace(...what) {
    const here = {};
    Error.captureStackTrace(here, console.trace);
    const frames = String(here.stack).replace(/^.*/, "");
    log(...(what.length > 0 ? ["Trace:", ...what] : ["Trace"]), frames);
  },
});

addEventListener("unhandledrejection", async (event) => {
  const { promise, reason } = event;
  rejected.set(promise, reason);
  // It may be handled yet, in the same turn.
  for (let step = 0; step < 10; step++) await null;
  if (rejected.delete(promise) && !event.defaultPrevented) error("Uncaught (in promise)", reason);
});
addEventListener("rejectionhandled", ({ promise }) => rejected.delete(promise));
