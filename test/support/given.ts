// Small true-to-shape things that tests start from.

import type { Facts } from "../../src/domain/run/machine.ts";
import type { Plan, PlannedSuite } from "../../src/domain/plan/plan.ts";
import type { CompletedTrial } from "../../src/domain/run/trial-record.ts";

export function aSuite(change: Partial<PlannedSuite> = {}): PlannedSuite {
  return {
    name: "hashes",
    title: "hashes",
    version: "1",
    digest: "0".repeat(64),
    params: { blocks: "10000" },
    defaults: { blocks: "100000" },
    rows: [{ name: "sha256", impl: "portable-c", runs: 3, warmup: 1, limit_s: 60, instructions: [], os: ["linux"] }],
    ...change,
  };
}

export function aPlan(change: Partial<Plan> = {}): Plan {
  return {
    schema: 1,
    run: "20261124-031500-3fa9",
    tool_version: "0.1.0",
    created_at: "2026-11-24T03:15:00.000Z",
    spec: {
      sides: [{ name: "local", kind: "local" }],
      baseline: "local",
      suites: [{ suite: "hashes" }],
      machines: 3,
      seed: "7",
      params: {},
      cloud: "aws",
      max_hours: 2,
      allow_burstable: false,
    },
    agent_digest: "1".repeat(64),
    suites: [aSuite()],
    ...change,
  };
}

export function aRecord(change: Partial<CompletedTrial> = {}): CompletedTrial {
  return {
    schema: 1,
    suite: "hashes",
    row: "sha256",
    impl: "portable-c",
    driver: "c",
    params: { blocks: "10000" },
    side: "local",
    machine: "local-1",
    host_id: "boot-1",
    round: 1,
    attempt: 1,
    status: "completed",
    real_s: 0.31,
    user_s: 0.3,
    system_s: 0.001,
    real_resolution_s: 1e-6,
    cpu_resolution_s: 1e-6,
    check: "ok",
    tainted: [],
    ...change,
  };
}

export function someFacts(change: Partial<Facts> = {}): Facts {
  return {
    t: "facts",
    agent: 1,
    uname: "Linux",
    release: "6.1.0",
    arch: "x86_64",
    uid: 0,
    ncpu: 2,
    boot_id: "boot-1",
    host_id: "boot-1",
    capture: "cc",
    real_resolution_s: 1e-6,
    cpu_resolution_s: 1e-6,
    machine_env: {},
    tools: {},
    lacks: [],
    suites: {},
    ...change,
  };
}
