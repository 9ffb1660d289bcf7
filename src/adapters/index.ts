// The adapters, for programs that use timetrial as a library: `timetrial/adapters`.

export {
  openAccount as account,
  type AwsAccount as Account,
  type AwsAccountOptions as AccountOptions,
} from "./aws/account.ts";
export { awsPrices } from "./aws/prices.ts";
export { systemClock } from "./system/clock.ts";
export {
  ec2BootProvisioner as ec2Booter,
  type BootProvisionerOptions as BooterOptions,
} from "./ec2/boot/boot-provisioner.ts";
export { stateOf } from "./ec2/describe-instances.ts";
export { ec2Provisioner, type Ec2Options } from "./ec2/provisioner.ts";
export { ec2Sweeper } from "./ec2/release/sweeper.ts";
export { instanceTypes } from "./ec2/instance-types.ts";
export { publishedFolder } from "./folders/published.ts";
export { existingProvisioner as foundProvisioner } from "./ec2/existing-provisioner.ts";
export { resultFolders } from "./folders/results.ts";
export { suiteFolders } from "./folders/suites.ts";
export { localProvisioner, localTransport } from "./local/machine.ts";
export { sshMachines, type SshMachines, type SshOptions } from "./ssh/machines.ts";
export { bootResultFolders as bootFolders } from "./folders/boot-results.ts";
export { tcpProbe } from "./system/tcp-probe.ts";
export { ssmTransport } from "./ssm/transport.ts";
