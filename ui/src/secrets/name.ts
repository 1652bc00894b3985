// A secret's name: how it is formatted while it is typed, and what is wrong with it.
// The same rules as the core's `SecretName`; the core has the last word.

/** “hubspot api key” becomes “HUBSPOT_API_KEY”. Other characters stay, so that the field can say what is wrong. */
export function formatSecretName(typed: string): string {
  return typed
    .replace(/[a-z]/g, (letter) => letter.toUpperCase())
    .replace(/^[\s-]+/, '')
    .replace(/_?[\s-]+/g, '_');
}

/** One sentence saying what is wrong with the name of a secret or a variable, or null. */
export function nameProblem(name: string, what: 'secret' | 'variable'): string | null {
  if (name === '') return `Type a name for the ${what}.`;
  const other = [...name].find((character) => !/[A-Za-z0-9_]/.test(character));
  if (other !== undefined) {
    return `A ${what}'s name is made of letters, digits and underscores; “${other}” is none of these.`;
  }
  if (/^[0-9]/.test(name)) return `A ${what}'s name can't start with a digit: env.${name} is not valid code.`;
  if (name.length < 3) return `A ${what}'s name has at least 3 characters.`;
  if (name.length > 64) return `A ${what}'s name has at most 64 characters; this one has ${name.length}.`;
  return null;
}

/** What is already wrong while the name is being typed: being short is not, yet. */
export function nameProblemSoFar(name: string, what: 'secret' | 'variable'): string | null {
  if (name === '' || (name.length < 3 && /^[A-Za-z_][A-Za-z0-9_]*$/.test(name))) return null;
  return nameProblem(name, what);
}
