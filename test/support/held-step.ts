// A step that does not end before a test wants it to: its client can be killed in the middle, however busy the computer is.

import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** A script for `sh` that goes on at once the first `free` times, and then waits until `release` is called. Leaves files in `folder`. */
export function heldStep(
  folder: string,
  name: string,
  free: number,
): { readonly step: string; readonly release: () => void } {
  const [begun, go] = [join(folder, `${name}-begun`), join(folder, `${name}-go`)];
  const step = `echo >>${begun}; [ "$(wc -l <${begun})" -le ${free} ] || until [ -e ${go} ]; do sleep 0.05; done`;
  return { step, release: () => writeFileSync(go, "") };
}
