// A side whose instances are launched.

import type { Side } from "../../../domain/plan/side.ts";

export type Ec2Side = Extract<Side, { kind: "ec2" }>;
