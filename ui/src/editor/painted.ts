// When a key is done with: what can wait for that does not delay it.

/** After a key, in milliseconds: it is painted by then, and a fast hand has not typed the next one. */
export const PAINTED = 25;
