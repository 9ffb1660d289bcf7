// The one place that knows the adapters. Each is loaded when it is first needed.

import type { BootSpec } from "../domain/boot.ts";
import type { PublishedBoots } from "../domain/published-boots.ts";
import type { BootPorts } from "../pipeline/boot.ts";
import type { Ports } from "../pipeline/run.ts";
import type { BootResults } from "../ports/boot-results.ts";
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
  const transports: { local?: Transport; ssm?: Transport } = {};
  if (spec.sides.some((side) => side.kind === "local")) {
    const { localProvisioner, localTransport } = await import("../adapters/local.ts");
    provisioners.push(localProvisioner());
    transports.local = localTransport();
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

async function accountOptions(spec: Pick<Spec, "cloud" | "region">, endpoint: string | undefined) {
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

export async function openBoots(root: string): Promise<BootResults> {
  const { bootFolders } = await import("../adapters/folders/boot-results.ts");
  return bootFolders(root);
}

/** Boot times that were published under `id`, if any were. */
export async function publishedBoots(id: string): Promise<PublishedBoots | undefined> {
  const folders = await import("../adapters/folders/boot-results.ts");
  return await folders.publishedBoots(id);
}

/** The ports of a boot run. */
export async function wireBoots(
  spec: BootSpec,
  options: {
    readonly results: string;
    readonly endpoint?: string | undefined;
    readonly screenshots?: string | undefined;
    readonly ownUserData?: Uint8Array | undefined;
  },
): Promise<BootPorts> {
  const { systemClock: clock } = await import("../adapters/clock.ts");
  const { account } = await import("../adapters/aws/account.ts");
  const { ec2Booter } = await import("../adapters/ec2/booter.ts");
  const { tcpProbe } = await import("../adapters/probe.ts");
  const file = (await (await openSuites()).agent()).find(({ path }) => path === "user-data.sh");
  const { ownUserData, screenshots } = options;
  const booter = ec2Booter({
    account: await account(await accountOptions(spec, options.endpoint)),
    clock,
    userData: Buffer.from(file?.bytes ?? []).toString(),
    ownUserData,
    screenshots,
  });
  return { booter, probe: tcpProbe(clock), results: await openBoots(options.results), clock };
}
