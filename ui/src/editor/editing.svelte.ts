// How the user wants to edit, remembered in local storage.

import { recall, remember } from '../remembered';

const KEY = 'postern.editing';

class Editing {
  #formatOnSave = $state((recall(KEY) as { formatOnSave?: unknown } | null)?.formatOnSave === true);

  /** Whether Save, not the saving that goes on by itself, formats the document first. */
  get formatOnSave(): boolean {
    return this.#formatOnSave;
  }

  set formatOnSave(wanted: boolean) {
    this.#formatOnSave = wanted;
    remember(KEY, { formatOnSave: wanted });
  }
}

export const editing = new Editing();
