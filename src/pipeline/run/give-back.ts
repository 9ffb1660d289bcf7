// Gives back the machines that a run launched, and asks the cloud whether any is left.

import type { ReleaseProof } from "../../domain/run/events.ts";
import type { Ledger } from "../../ports/cloud/ledger.ts";

/** The machines of one provisioner, and how to give them back. */
export interface Lease {
  /** Terminates all machines that were launched. Safe to repeat. */
  release(): Promise<void>;
  /** Asks the cloud whether any machine is left. */
  absence(): Promise<ReleaseProof>;
  /** Called in place of both where machines stay until their deadline. Returns undefined where none exists. */
  keep?(): Promise<ReleaseProof | undefined>;
}

export interface ReleaseResult {
  /** The worst outcome of all leases. */
  readonly absence: ReleaseProof;
  /** The error where the outcome could not be written to the ledger. */
  readonly fault?: unknown;
}

/** Gives back all `leases`, and writes the outcome to the ledger. Returns errors in the proof, and never throws. */
export async function releaseLeases(leases: readonly Lease[], ledger: Ledger): Promise<ReleaseResult> {
  const proofs: ReleaseProof[] = [];
  for (const lease of leases) proofs.push(await proofOf(lease));
  const absence = proofs.toSorted((a, b) => severity[b.state] - severity[a.state])[0] ?? { state: "nothing-leased" };
  if (absence.state === "nothing-leased") return { absence };
  const ids = "ids" in absence ? [...absence.ids] : [];
  try {
    await ledger.write({ kind: "absence", state: absence.state, ids });
  } catch (fault) {
    return { absence, fault };
  }
  return { absence };
}

/** Closes the results of an ended run. Returns an error rather than throws it: what is left running matters more. */
export async function closeResults(store: { close(): Promise<void> }): Promise<unknown> {
  try {
    await store.close();
    return undefined;
  } catch (fault) {
    return fault;
  }
}

const severity: Readonly<Record<ReleaseProof["state"], number>> = { "nothing-leased": 0, none: 1, kept: 2, left: 3 };

async function proofOf(lease: Lease): Promise<ReleaseProof> {
  try {
    const kept = await lease.keep?.().catch(() => undefined);
    if (kept !== undefined) return kept;
    await lease.release();
    return await lease.absence();
  } catch (cause) {
    return { state: "left", ids: [], reason: cause instanceof Error ? cause.message : String(cause) };
  }
}
