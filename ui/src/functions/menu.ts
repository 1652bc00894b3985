import type { IconName } from '../Icon.svelte';
import type { tip } from '../tip';

/** What a menu takes over from the button that it was loaded by. */
export interface MenuProps {
  trigger: { class: string; 'aria-label': string; 'aria-disabled'?: boolean } & ReturnType<typeof tip>;
  icon: IconName;
}
