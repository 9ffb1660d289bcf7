// Types of the functions of cephes 3.3.3 that we use. Its own types are not found under nodenext, since its `exports`
// do not name them.
declare module "cephes" {
  /** Resolves when the WebAssembly is compiled. The functions must not be called before. */
  export const compiled: Promise<void>;
  /** Regularised incomplete beta integral from 0 to `x`. */
  export function incbet(a: number, b: number, x: number): number;
  /** The `x` at which `incbet(a, b, x)` is `y`. */
  export function incbi(a: number, b: number, y: number): number;
}
