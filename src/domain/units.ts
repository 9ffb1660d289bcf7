// Quantities that must not be mixed up. Made here alone, so that a bare number cannot pass for one.

declare const unit: unique symbol;

/** A length of time in seconds: finite, not negative. */
export type Seconds = number & { readonly [unit]: "s" };

/**
 * `value` as seconds.
 *
 * @throws RangeError where it is negative or not finite: such a time was never measured.
 */
export function seconds(value: number): Seconds {
  if (!Number.isFinite(value) || value < 0) throw new RangeError(`expected seconds, 0 or more, got ${value}`);
  return value as Seconds;
}
