// Builds objects whose unknown fields are absent: what was not measured or not given is no key, rather than undefined.

/** `T` with those fields optional that may be undefined. */
type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Returns `fields` without those whose value is undefined. */
export function defined<T extends object>(fields: T): Defined<T> {
  const present: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) present[name] = value;
  return present as Defined<T>;
}
