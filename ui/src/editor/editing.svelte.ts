// How the user wants to edit, remembered in local storage.

const KEY = 'postern.editing';

class Editing {
  #formatOnSave = $state(recall());

  /** Whether Save, not the saving that goes on by itself, formats the document first. */
  get formatOnSave(): boolean {
    return this.#formatOnSave;
  }

  set formatOnSave(wanted: boolean) {
    this.#formatOnSave = wanted;
    try {
      localStorage.setItem(KEY, JSON.stringify({ formatOnSave: wanted }));
    } catch {
      // Storage that is off or full only means that it is not remembered.
    }
  }
}

function recall(): boolean {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}').formatOnSave === true;
  } catch {
    return false;
  }
}

export const editing = new Editing();
