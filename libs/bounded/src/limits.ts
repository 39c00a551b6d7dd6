/** A limit that is zero, negative, fractional or not a number is a mistake of the programmer: throws RangeError. */
export function requirePositive(name: string, value: number): void {
  if (!(value > 0)) throw new RangeError(`the limit "${name}" must be above 0, not ${value}`);
}
