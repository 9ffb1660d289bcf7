// The one place that knows the adapters. Each is loaded when it is first needed.

import type { Ports } from "../pipeline/run.ts";
import type { Spec } from "../domain/plan.ts";
import type { Suites } from "../ports/suites.ts";
import type { Results } from "../ports/results.ts";
import type { Provisioner } from "../ports/provisioner.ts";
import type { Transport } from "../ports/transport.ts";

export async function openSuites(): Promise<Suites> {
  const { suiteFolders } = await import("../adapters/folders/suites.ts");
  return suiteFolders();
}

/** The suites that there are, and the one that the user's own commands make. */
async function suitesFor({ command }: Spec): Promise<Suites> {
  const suites = await openSuites();
  if (command === undefined) return suites;
  const { commandSteps, uploadOf } = await import("../adapters/folders/upload.ts");
  const { commandSuite, withCommands } = await import("../pipeline/command-suite.ts");
  const upload = command.upload === undefined ? undefined : await uploadOf(command.upload);
  return withCommands(suites, commandSuite(command, await commandSteps(), upload));
}

export async function openResults(root: string): Promise<Results> {
  const { resultFolders } = await import("../adapters/folders/results.ts");
  return resultFolders(root);
}

/** The ports that `spec` needs. */
export async function wire(
  spec: Spec,
  options: { readonly results: string; readonly endpoint?: string | undefined },
): Promise<Ports> {
  const { systemClock: clock } = await import("../adapters/clock.ts");
  const suites = await suitesFor(spec);
  const results = await openResults(options.results);
  const provisioners: Provisioner[] = [];
  const transports: { local?: Transport; ssh?: Transport; ssm?: Transport } = {};
  if (spec.sides.some((side) => side.kind === "local")) {
    const { localProvisioner, localTransport } = await import("../adapters/local.ts");
    provisioners.push(localProvisioner());
    transports.local = localTransport();
  }
  if (spec.sides.some((side) => side.kind === "ssh")) {
    const { sshMachines } = await import("../adapters/ssh/machines.ts");
    const { provisioner, transport } = sshMachines(clock);
    provisioners.push(provisioner);
    transports.ssh = transport;
  }
  if (spec.sides.some((side) => side.kind === "ec2")) {
    const { account } = await import("../adapters/aws/account.ts");
    const { ec2Provisioner } = await import("../adapters/ec2/provisioner.ts");
    const { stateOf } = await import("../adapters/ec2/instances.ts");
    const { ssmTransport } = await import("../adapters/ssm.ts");
    const opened = await account(await accountOptions(spec, options.endpoint));
    const userData = async (): Promise<string> => {
      const file = (await suites.agent()).find(({ path }) => path === "user-data.sh");
      return Buffer.from(file?.bytes ?? []).toString();
    };
    provisioners.push(ec2Provisioner({ account: async () => opened, clock, userData }));
    transports.ssm = ssmTransport(opened, clock, (id) => stateOf(opened, id));
  }
  return { suites, results, provisioners, transports, clock };
}

async function accountOptions(spec: Spec, endpoint: string | undefined) {
  if (spec.cloud === "sandbox" && endpoint === undefined) {
    const { openSandbox } = await import("./sandbox.ts");
    const sandbox = await openSandbox();
    return {
      region: spec.region ?? sandbox.region,
      endpoint: sandbox.endpoint,
      credentials: { accessKeyId: sandbox.access_key_id, secretAccessKey: sandbox.secret_access_key },
      timeScale: sandbox.time_scale,
    };
  }
  const region = spec.region ?? process.env["AWS_REGION"] ?? process.env["AWS_DEFAULT_REGION"] ?? "us-east-1";
  return { region, ...(endpoint === undefined ? {} : { endpoint }) };
}
