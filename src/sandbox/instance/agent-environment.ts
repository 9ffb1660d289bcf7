// The environment that an SSM agent gives to scripts: that of a service of systemd's, and variables of its own. No HOME,
// USER, SHELL or TERM. Known from amazon-ssm-agent 3.3.0.0 (reference/ssm-agent-3.3.0.0.json).

import { randomUUID } from "node:crypto";
import { platform } from "../catalogue.ts";
import type { InstanceFolder } from "./instance-folder.ts";
import type { InstancePlan } from "./instance-plan.ts";

export function agentEnvironment(plan: InstancePlan, folder: InstanceFolder): Record<string, string> {
  const { HOME: _, ...env } = folder.env;
  return {
    ...env,
    LANG: "C.UTF-8",
    INVOCATION_ID: randomUUID().replaceAll("-", ""),
    JOURNAL_STREAM: "8:1",
    SYSTEMD_EXEC_PID: String(process.pid),
    AWS_SSM_INSTANCE_ID: plan.id,
    AWS_SSM_REGION_NAME: plan.zone.region,
    AWS_SSM_PLATFORM_NAME: platform.name,
    AWS_SSM_PLATFORM_VERSION: platform.version,
  };
}
