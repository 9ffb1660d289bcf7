// Waits for several promises, so that nothing goes on behind an error.

/** As Promise.all, but waits for all promises before it throws. */
export async function allSettledThenAll<T>(all: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(all);
  return await Promise.all(all);
}
