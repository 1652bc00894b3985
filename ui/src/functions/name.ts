// A function's name: how it is formatted while it is typed, and what is wrong with it.
// The same rules as the core's `FunctionName`; the core has the last word.

const MAX_FUNCTION_NAME = 63;

/** “My Webhook” becomes “my-webhook”. What has no lowercase form stays, so that the field can say what is wrong. */
export function formatFunctionName(typed: string): string {
  return typed
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase())
    .replace(/^[\s_]+/, '')
    .replace(/-?[\s_]+/g, '-');
}

/** One sentence saying what is wrong, or null. */
export function functionNameProblem(name: string): string | null {
  if (name === '') return 'Type a name for the function.';
  const other = [...name].find((character) => !/[a-z0-9-]/.test(character));
  if (other !== undefined) {
    return `A function's name is made of lowercase letters, digits and dashes; “${other}” is none of these.`;
  }
  if (name.length > MAX_FUNCTION_NAME) {
    return `A function's name has at most 63 characters; this one has ${name.length}.`;
  }
  if (name.startsWith('-') || name.endsWith('-')) return "A function's name neither starts nor ends with a dash.";
  return null;
}
