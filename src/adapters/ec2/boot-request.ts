// The launching call of a boot run: what every launch of ours has, and one network interface spelled out, as
// ec2-boot-bench has it: the address that is to be probed is asked for there.

import type { RunInstancesCommandInput } from "@aws-sdk/client-ec2";
import type { BootPlan } from "../../domain/boot.ts";
import type { Plan } from "../../domain/plan.ts";
import { type Keeping, type Launch, runInstancesInput } from "./request.ts";

export function bootInput(
  launch: Launch,
  plan: BootPlan,
  keeping: Keeping,
  userData: string | undefined,
): RunInstancesCommandInput {
  // Subnet and groups go with the interface: at both places EC2 takes them not.
  const { SecurityGroupIds: _, SubnetId: __, ...input } = runInstancesInput(launch, planOf(plan), keeping);
  const { spec } = plan;
  return {
    ...input,
    ...(userData === undefined ? {} : { UserData: userData }),
    NetworkInterfaces: [
      {
        DeviceIndex: 0,
        DeleteOnTermination: true,
        ...(spec.subnet === undefined ? {} : { SubnetId: spec.subnet }),
        ...(spec.security_groups === undefined ? {} : { Groups: [...spec.security_groups] }),
        ...(spec.family === 6 ? { Ipv6AddressCount: 1 } : { AssociatePublicIpAddress: spec.address === "public" }),
      },
    ],
  };
}

/** `plan` as the machinery sees it that launches, ends and looks for what is left. */
export function planOf({ run, tool_version, created_at, spec }: BootPlan): Plan {
  return {
    schema: 1,
    run,
    tool_version,
    created_at,
    agent_digest: "0".repeat(64),
    suites: [],
    spec: {
      sides: spec.sides.map((side) => ({ kind: "ec2", ...side })),
      baseline: spec.baseline,
      suites: [],
      // So many of each side at once, at most: what a quota is held against.
      machines: Math.ceil(spec.parallel / spec.sides.length),
      seed: spec.seed,
      params: {},
      cloud: spec.cloud,
      ...(spec.region === undefined ? {} : { region: spec.region }),
      ...(spec.instance_profile === undefined ? {} : { instance_profile: spec.instance_profile }),
      ...(spec.zone === undefined ? {} : { zone: spec.zone }),
      ...(spec.subnet === undefined ? {} : { subnet: spec.subnet }),
      ...(spec.security_groups === undefined ? {} : { security_groups: [...spec.security_groups] }),
      max_hours: spec.max_hours,
      allow_burstable: spec.allow_burstable,
    },
  };
}
