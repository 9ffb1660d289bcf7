// Who judges a look: the pipeline knows no statistics.

import type { InterimLook, LookDecision } from "../domain/run/interim-look.ts";

/** Says how the records are to be judged: the pipeline knows no statistics. */

export type JudgeLook = (look: InterimLook) => Promise<LookDecision>;
