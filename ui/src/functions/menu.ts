import type { IconName } from '../Icon.svelte';
import type { tip } from '../tip';

/** What a menu takes over from the button that it was loaded by. */
export interface MenuProps {
  trigger: { class: string; 'aria-label': string; 'aria-disabled'?: boolean } & ReturnType<typeof tip>;
  icon: IconName;
}

/**
 * What every menu does with a press elsewhere, which closes it and does nothing more: the page takes no clicks while one is
 * open. The press took the focus out of the menu; its button has it again, as after Escape.
 */
export const closing = {
  onInteractOutside: () => {
    document.querySelector<HTMLElement>('[aria-haspopup="menu"][aria-expanded="true"]')?.focus();
  },
};
