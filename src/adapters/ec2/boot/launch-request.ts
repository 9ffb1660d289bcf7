// The launch request of a boot run: that of every launch, but with one network interface spelled out, as in
// ec2-boot-bench. The interface requests the address to probe.

import type { RunInstancesCommandInput } from "@aws-sdk/client-ec2";
import { defined } from "../../../domain/defined.ts";
import { type BootPlan, runPlanOfBoot } from "../../../domain/boot/boot.ts";
import { type LaunchSafeguards, type LaunchRequest, runInstancesInput } from "../launch/launch-request.ts";

export function bootRunInstancesInput(
  launch: LaunchRequest,
  plan: BootPlan,
  keeping: LaunchSafeguards,
  userData: string | undefined,
): RunInstancesCommandInput {
  // Subnet and groups move into the interface: EC2 refuses them in both places.
  const { SecurityGroupIds: _, SubnetId: __, ...input } = runInstancesInput(launch, runPlanOfBoot(plan), keeping);
  const { spec } = plan;
  return {
    ...input,
    ...defined({ UserData: userData }),
    NetworkInterfaces: [
      {
        DeviceIndex: 0,
        DeleteOnTermination: true,
        ...defined({ SubnetId: spec.subnet }),
        ...(spec.security_groups === undefined ? {} : { Groups: [...spec.security_groups] }),
        ...(spec.family === 6 ? { Ipv6AddressCount: 1 } : { AssociatePublicIpAddress: spec.address === "public" }),
      },
    ],
  };
}
