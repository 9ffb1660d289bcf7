// Gives back what a run launched, and asks the cloud whether anything of it is left.

import type { ReleaseProof } from "../../domain/run/events.ts";
import type { Ledger } from "../../ports/cloud/ledger.ts";

/** How one provisioner's machines are given back. */
export interface Lease {
  /** Ends everything that was launched. Safe to repeat. */
  release(): Promise<void>;
  /** Asks the cloud whether anything is left. */
  absence(): Promise<ReleaseProof>;
  /** In place of both, where machines are to stay until their deadline: undefined where none lives. */
  keep?(): Promise<ReleaseProof | undefined>;
}

export interface GivenBack {
  /** The worst of what the leases came to. */
  readonly absence: ReleaseProof;
  /** Why the ledger does not say so, where it could not be written. */
  readonly fault?: unknown;
}

/** Gives back all of `leases`; what fails is in the proof, never thrown. The ledger is told of the outcome. */
export async function giveBack(leases: readonly Lease[], ledger: Ledger): Promise<GivenBack> {
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

/** Closes the results of a run that has ended. Returns why they could not be closed: what is left running matters more. */
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
