// The adapters, for programs that use timetrial as a library: `timetrial/adapters`.

export { account, type Account, type AccountOptions } from "./aws/account.ts";
export { systemClock } from "./clock.ts";
export { ec2Booter, type BooterOptions } from "./ec2/booter.ts";
export { stateOf } from "./ec2/instances.ts";
export { ec2Provisioner, type Ec2Options } from "./ec2/provisioner.ts";
export { bootFolders } from "./folders/boot-results.ts";
export { resultFolders } from "./folders/results.ts";
export { suiteFolders } from "./folders/suites.ts";
export { localProvisioner, localTransport } from "./local.ts";
export { tcpProbe } from "./probe.ts";
export { ssmTransport } from "./ssm.ts";
