// The port that decides whether a run has measured enough: the pipeline knows no statistics.

import type { InterimLook, LookDecision } from "../domain/run/interim-look.ts";

/** Decides from the records so far whether the run has measured enough. */
export type JudgeLook = (look: InterimLook) => Promise<LookDecision>;
