// Student's t at fractional degrees of freedom, through the incomplete beta function of cephes.
//
// cephes is WebAssembly, which takes time to compile, so it is loaded only when the first interval is computed.

/** Student's t. `nu`: degrees of freedom, above 0, not necessarily whole. */
export interface Student {
  /** Returns the t with P(|T(nu)| < t) = `confidence`, which is above 0 and below 1 and defaults to 0.95. */
  readonly quantile: (nu: number, confidence?: number) => number;
  /** Returns the probability that |T(nu)| is above |t|. */
  readonly twoSidedP: (t: number, nu: number) => number;
}

let loaded: Promise<Student> | undefined;

/** Loads Student's t, once. */
export function loadStudent(): Promise<Student> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<Student> {
  const { compiled, incbet, incbi } = await import("cephes");
  await compiled;
  const compute = (nu: number, confidence: number): number => {
    // Either tail gives the same t; each is exact where its own argument is small.
    const y = incbi(1 / 2, nu / 2, confidence);
    if (y < 1 / 2) return Math.sqrt((nu * y) / (1 - y));
    const x = incbi(nu / 2, 1 / 2, 1 - confidence);
    return Math.sqrt(nu * (1 / x - 1));
  };
  // An interval and its p value ask for the same t, one after the other: it takes longer than all else about them.
  let last = { nu: Number.NaN, confidence: Number.NaN, t: Number.NaN };
  return {
    quantile(nu, confidence = 0.95) {
      if (nu !== last.nu || confidence !== last.confidence) last = { nu, confidence, t: compute(nu, confidence) };
      return last.t;
    },
    twoSidedP(t, nu) {
      return incbet(nu / 2, 1 / 2, nu / (nu + t * t));
    },
  };
}
