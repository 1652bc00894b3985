// What lies around the code, in a chunk of its own: half of what the window is made of, and no key waits for it.

export { default as Addresses } from './functions/Addresses.svelte';
export { default as DeployMenu } from './functions/DeployMenu.svelte';
export { default as FunctionMenu } from './functions/FunctionMenu.svelte';
export { default as RightPane } from './RightPane.svelte';
