// The packages of the functions: what npm is doing for each, how that ended, and what was put away.

import { SvelteMap } from 'svelte/reactivity';
import type { Failure } from '../bindings/Failure';
import type { FunctionId } from '../bindings/FunctionId';
import type { PackageInfo } from '../bindings/PackageInfo';
import type { PackageWish } from '../bindings/PackageWish';
import { documents } from '../editor/documents';
import { listed } from '../format';
import * as ipc from '../ipc';
import { recallAll, remember } from '../remembered';
import { store } from '../state.svelte';
import { toast } from '../toast';

const KEY = 'postern.packages-put-away';

type Work =
  | { state: 'running'; wish: PackageWish; names: string; come: number; cancelling: boolean }
  | { state: 'failed'; wish: PackageWish; names: string; failure: Failure };

const DONE: Record<PackageWish['type'], [string, string]> = {
  install: ['Installed', 'into'],
  remove: ['Removed', 'from'],
  update: ['Updated', 'of'],
};

class Packages {
  /** One at a time for each function. */
  readonly work = new SvelteMap<FunctionId, Work>();
  /** The names that were offered and not wanted, of each function; remembered from start to start. */
  readonly #putAway = new SvelteMap(recallAll(KEY, isPutAway));

  /** Whether what is missing is still to be asked about: it is once, and again with another name. */
  asks(id: FunctionId): boolean {
    const names = this.missingWords(id);
    return names !== '' && this.#putAway.get(id) !== names;
  }

  putAway(id: FunctionId): void {
    this.#putAway.set(id, this.missingWords(id));
    const here = [...this.#putAway].filter(([id]) => store.functions.some((each) => each.id === id));
    remember(KEY, here);
  }

  /** Imported and not installed. */
  missing(id: FunctionId): PackageInfo[] {
    return store.opened.get(id)?.packages.filter(({ version }) => version === null) ?? [];
  }

  /** “hono, itty-router and zod”. */
  missingWords(id: FunctionId): string {
    return listed(this.missing(id).map(({ name }) => name));
  }

  running(id: FunctionId): boolean {
    return this.work.get(id)?.state === 'running';
  }

  async install(id: FunctionId): Promise<void> {
    return this.change(id, { type: 'install' }, this.missingWords(id));
  }

  async change(id: FunctionId, wish: PackageWish, names: string): Promise<void> {
    if (this.running(id)) return;
    this.work.set(id, { state: 'running', wish, names, come: 0, cancelling: false });
    try {
      // The names are read from what is saved.
      await documents.flush(id);
      const detail = await ipc.changePackages(id, wish, (come) => this.#hear(id, come));
      store.put(detail.summary);
      store.amend(id, { packages: detail.packages });
      this.work.delete(id);
      const [done, where] = DONE[wish.type];
      if (store.openId !== id) toast.success(`${done} ${names} ${where} ${store.name(id)}`);
    } catch (thrown) {
      const failure = ipc.asFailure(thrown);
      if (failure.code === 'cancelled') this.work.delete(id);
      else this.work.set(id, { state: 'failed', wish, names, failure });
    }
  }

  /** The same again; what is to be installed follows from the code as it is now. */
  async retry(id: FunctionId): Promise<void> {
    const work = this.work.get(id);
    if (work?.state !== 'failed') return;
    const missing = work.wish.type === 'install' ? this.missingWords(id) : '';
    return this.change(id, work.wish, missing || work.names);
  }

  async cancel(id: FunctionId): Promise<void> {
    const work = this.work.get(id);
    if (work?.state !== 'running' || work.cancelling) return;
    this.work.set(id, { ...work, cancelling: true });
    // The change itself answers how it ended.
    await ipc.cancelDeploy(id).catch(() => {});
  }

  #hear(id: FunctionId, come: number): void {
    const work = this.work.get(id);
    if (work?.state === 'running') this.work.set(id, { ...work, come });
  }
}

type PutAway = [FunctionId, string];

/** What another version wrote there is none. */
function isPutAway(held: unknown): held is PutAway {
  return Array.isArray(held) && Number.isSafeInteger(held[0]) && typeof held[1] === 'string';
}

export const packages = new Packages();
