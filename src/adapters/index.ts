// The adapters, for programs that use timetrial as a library: `timetrial/adapters`.

export type { EnvironmentAgents, RequestAgents } from "./aws/request-agents.ts";
export type { CallWatch, CallWatchOptions } from "./aws/call-watch.ts";
export { openAccount, type AwsAccount, type AwsAccountOptions } from "./aws/account.ts";
export { awsPrices } from "./aws/prices.ts";
export { ec2BootProvisioner, type BootProvisionerOptions } from "./ec2/boot/boot-provisioner.ts";
export { stateOf } from "./ec2/describe-instances.ts";
export { existingProvisioner, type FoundSide } from "./ec2/existing-provisioner.ts";
export { instanceTypes } from "./ec2/instance-types.ts";
export type { InstanceType, InstanceTypes } from "../ports/cloud/instance-types.ts";
export { ec2Provisioner, type Ec2Options } from "./ec2/provisioner.ts";
export { ec2Sweeper } from "./ec2/release/sweeper.ts";
export type { Sweeper } from "../ports/cloud/sweeper.ts";
export type { Leftover } from "../domain/cloud/leftover.ts";
export { firecrackerBootProvisioner } from "./firecracker/boot-provisioner.ts";
export { readMicroVmFile } from "./firecracker/config-file.ts";
export { firecrackerProvisioner } from "./firecracker/provisioner.ts";
export { publishedFolder } from "./folders/published.ts";
export type { PublishedFigures } from "../ports/published.ts";
export { bootResultFolders } from "./folders/boot-results.ts";
export { resultFolders } from "./folders/results.ts";
export { originSigner, type OriginSigner } from "./folders/stored/origin.ts";
export { suiteFolders } from "./folders/suites.ts";
export { localProvisioner, localTransport } from "./local/machine.ts";
export { sshMachines, type SshMachines, type SshOptions } from "./ssh/machines.ts";
export { ssmTransport } from "./ssm/transport.ts";
export { systemClock } from "./system/clock.ts";
export { tcpProbe } from "./system/tcp-probe.ts";
