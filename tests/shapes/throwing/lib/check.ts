interface Checked { number: number }

export function check(text: string | null): string {
  const checked: Checked = { number: Number(text) }
  if (Number.isNaN(checked.number)) throw new RangeError(`not a number: ${text}`)
  return `${checked.number + 1}`
}
