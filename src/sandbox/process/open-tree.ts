// Opens a process tree: in a PID namespace where this computer allows one, else by marks.

import { openMarkedTree } from "./marked-tree.ts";
import { namespaceKind, openNamespaceTree } from "./namespace-tree.ts";
import type { Isolation, TreePlan, ProcessTree } from "./process-tree.ts";

/** Returns the isolation `wanted`; for `auto`, the best that this computer allows. */
export function isolationOf(wanted: Isolation | "auto"): Isolation {
  return wanted !== "auto" ? wanted : namespaceKind() === undefined ? "marker" : "namespace";
}

export function openTree(isolation: Isolation, plan: TreePlan): Promise<ProcessTree> {
  return isolation === "namespace" ? openNamespaceTree(plan) : Promise.resolve(openMarkedTree(plan));
}
