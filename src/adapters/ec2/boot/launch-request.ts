// The launching call of a boot run: what every launch of ours has, and one network interface spelled out, as
// ec2-boot-bench has it: the address that is to be probed is asked for there.

import type { RunInstancesCommandInput } from "@aws-sdk/client-ec2";
import { type BootPlan, runPlanOfBoot } from "../../../domain/boot/boot.ts";
import { type LaunchSafeguards, type LaunchRequest, runInstancesInput } from "../launch/launch-request.ts";

export function bootRunInstancesInput(
  launch: LaunchRequest,
  plan: BootPlan,
  keeping: LaunchSafeguards,
  userData: string | undefined,
): RunInstancesCommandInput {
  // Subnet and groups go with the interface: at both places EC2 takes them not.
  const { SecurityGroupIds: _, SubnetId: __, ...input } = runInstancesInput(launch, runPlanOfBoot(plan), keeping);
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
