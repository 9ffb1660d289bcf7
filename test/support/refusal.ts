// The error with which something is refused. A test that forgets to check that there was one cannot pass.

export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly exitStatus: number;
}

/** The error that `action` rejects with. @throws where it does not */
export async function refusalOf(action: () => Promise<unknown>): Promise<Refusal> {
  const result = await action().then(
    (value) => ({ value }),
    (error: unknown) => ({ error: error as Refusal }),
  );
  return thrownBy(() => {
    if ("error" in result) throw result.error;
    return result.value;
  });
}

/** The error that `action` throws. @throws where it throws none */
export function thrownBy(action: () => unknown): Refusal {
  let result: unknown;
  try {
    result = action();
  } catch (error) {
    return error as Refusal;
  }
  throw new Error(`expected a refusal, got ${JSON.stringify(result)}`);
}
