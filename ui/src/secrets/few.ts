// Lists that have no end are shown in part until somebody asks for the rest: everything that is drawn anywhere in the
// window, in sight or not, is paid for with every key in the editor.

const FEW = 20;

/** All of them where hardly more than a few. */
export function few<T>(all: T[]): T[] {
  return all.length > 1.5 * FEW ? all.slice(0, FEW) : all;
}
