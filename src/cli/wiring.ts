// The one place that knows the adapters. Each is loaded when it is first needed.

import { type BootSpec, toEc2Sides } from "../domain/boot/boot.ts";
import type { PublishedBoots } from "../domain/published/boots.ts";
import type { BootPorts } from "../pipeline/boot/boot-ports.ts";
import type { RunPorts } from "../pipeline/run/run-ports.ts";
import type { PriceInputs } from "../pipeline/cost/cost-estimate.ts";
import { launchedSides, type Spec } from "../domain/plan/plan.ts";
import type { Images } from "../ports/cloud/images.ts";
import type { SuiteCheckResult } from "../domain/suite-finding.ts";
import type { ShippedFile, Suite } from "../domain/plan/suite.ts";
import type { InstanceTypes } from "../ports/cloud/instance-types.ts";
import type { PublishedFigures } from "../ports/published.ts";
import type { BootResults } from "../ports/boot-results.ts";
import type { Suites } from "../ports/suites.ts";
import type { Results } from "../ports/results.ts";
import type { Provisioner } from "../ports/cloud/provisioner.ts";
import type { Transport } from "../ports/transport.ts";
import type { DoctorCheck } from "../domain/doctor-check.ts";
import type { Doctor } from "../ports/cloud/doctor.ts";
import type { PriceSource } from "../ports/cloud/prices.ts";
import type { Sweeper } from "../ports/cloud/sweeper.ts";
import type { CloudTarget } from "./options/run-options.ts";
import { today } from "./today.ts";

export async function openSuites(): Promise<Suites> {
  const { suiteFolders } = await import("../adapters/folders/suites.ts");
  return suiteFolders();
}

/** A suite of the user's own: `folder` as written. */
export async function openOwnSuite(folder: string): Promise<Suite> {
  const { loadSuite: suiteIn } = await import("../adapters/folders/suites.ts");
  return suiteIn(folder, folder.replace(/\/+$/, ""));
}

/** What is wrong with the suite in `folder`. */
export async function checkSuite(folder: string): Promise<SuiteCheckResult> {
  const { checkSuiteIn } = await import("../adapters/suite-check/check-suite.ts");
  const { packageRoot } = await import("../adapters/folders/package-root.ts");
  const path = await import("node:path");
  const others = (await (await openSuites()).list()).filter(
    (name) => path.resolve(packageRoot().folder, "suites", name) !== path.resolve(folder),
  );
  return checkSuiteIn(folder, folder.replace(/(?<=.)\/+$/, ""), others);
}

/** The suites that there are, those of the user's own, and the one that the user's own commands make. */
async function suitesFor({ command, suites: choices }: Spec): Promise<Suites> {
  const own = new Map(choices.flatMap(({ suite, folder }) => (folder === undefined ? [] : [[suite, folder] as const])));
  const known = await openSuites();
  const suites: Suites = {
    ...known,
    load: async (name) => {
      const folder = own.get(name);
      return folder === undefined ? await known.load(name) : await openOwnSuite(folder);
    },
  };
  if (command === undefined) return suites;
  const { commandSteps, readUpload: uploadOf } = await import("../adapters/folders/upload.ts");
  const { createCommandSuite: commandSuite, addCommandSuite: withCommands } =
    await import("../pipeline/plan/command-suite.ts");
  const upload = command.upload === undefined ? undefined : await uploadOf(command.upload);
  return withCommands(suites, commandSuite(command, await commandSteps(), upload));
}

export async function openResults(root: string): Promise<Results> {
  const { resultFolders } = await import("../adapters/folders/results.ts");
  return resultFolders(root);
}

/** The folder of `run`, which is below `root` or a path, and the files in it as they are. */
export async function openRunFiles(root: string, run: string): Promise<{ folder: string; files: ShippedFile[] }> {
  const [{ folderOf }, { runFiles }] = await Promise.all([
    import("../adapters/folders/results.ts"),
    import("../adapters/folders/run-files.ts"),
  ]);
  const folder = await folderOf(root, run);
  return { folder, files: await runFiles(folder) };
}

export async function openPublished(): Promise<PublishedFigures> {
  const { publishedFolder } = await import("../adapters/folders/published.ts");
  return publishedFolder();
}

/** The types of the account and region that `where` names. */
export async function openInstanceTypes(where: CloudTarget): Promise<InstanceTypes> {
  const { openAccount: account } = await import("../adapters/aws/account.ts");
  const { instanceTypes } = await import("../adapters/ec2/instance-types.ts");
  return instanceTypes(await account(await accountOptions(where)));
}

/** What runs left in the account and region that `where` names. */
export async function openSweeper(where: CloudTarget): Promise<Sweeper> {
  const { openAccount: account } = await import("../adapters/aws/account.ts");
  const { ec2Sweeper } = await import("../adapters/ec2/release/sweeper.ts");
  const { systemClock } = await import("../adapters/system/clock.ts");
  return ec2Sweeper(await account(await accountOptions(where)), systemClock);
}

/** Whoever looks at the account and region that `where` names. */
export async function openDoctor(where: CloudTarget): Promise<Doctor> {
  const { openAccount: account } = await import("../adapters/aws/account.ts");
  const { ec2Doctor } = await import("../adapters/ec2/doctor/doctor.ts");
  return ec2Doctor(await account(await accountOptions(where)));
}

/** The tools that this machine has. */
export async function checkTools(): Promise<DoctorCheck[]> {
  const { checkLocalTools: localTools } = await import("../adapters/local/tools.ts");
  return await localTools(process.env["PATH"] ?? "", process.versions.node);
}

/** How a run is to be carried out. */
interface Wiring {
  readonly results: string;
  /** `TYPE=USD` an hour, each. */
  readonly price?: readonly string[] | undefined;
  /** What it costs and takes is to be said, whatever cloud it is. */
  readonly reckon?: boolean;
}

/** The ports that `spec` needs. */
export async function createRunPorts(spec: Spec, options: Wiring): Promise<RunPorts> {
  const { systemClock: clock } = await import("../adapters/system/clock.ts");
  const suites = await suitesFor(spec);
  const results = await openResults(options.results);
  const provisioners: Provisioner[] = [];
  const transports: { local?: Transport; ssh?: Transport; ssm?: Transport } = {};
  if (spec.sides.some((side) => side.kind === "local")) {
    const { localProvisioner, localTransport } = await import("../adapters/local/machine.ts");
    provisioners.push(localProvisioner());
    transports.local = localTransport();
  }
  if (spec.sides.some((side) => side.kind === "ssh")) {
    const { sshMachines } = await import("../adapters/ssh/machines.ts");
    const { provisioner, transport } = sshMachines(clock);
    provisioners.push(provisioner);
    transports.ssh = transport;
  }
  let purse: PriceInputs | undefined;
  const launches = launchedSides(spec).length > 0;
  const finds = spec.sides.some(({ kind }) => kind === "instances" || (kind === "ec2" && !launches));
  if (launches || finds) {
    const { openAccount: account } = await import("../adapters/aws/account.ts");
    const { existingProvisioner: foundProvisioner } = await import("../adapters/ec2/existing-provisioner.ts");
    const { ec2Provisioner } = await import("../adapters/ec2/provisioner.ts");
    const { stateOf } = await import("../adapters/ec2/describe-instances.ts");
    const { ssmTransport } = await import("../adapters/ssm/transport.ts");
    const opened = await account(await accountOptions(spec));
    const userData = async (): Promise<string> => {
      const file = (await suites.agent()).find(({ path }) => path === "user-data.sh");
      return Buffer.from(file?.bytes ?? []).toString();
    };
    if (launches) provisioners.push(ec2Provisioner({ account: async () => opened, clock, userData }));
    const kinds = launches ? (["instances"] as const) : (["instances", "ec2"] as const);
    if (finds) provisioners.push(foundProvisioner(async () => opened, kinds));
    transports.ssm = ssmTransport(opened, clock, (id) => stateOf(opened, id));
    // The sandbox costs nothing: it is asked where money is what the user asks about.
    if (launches && (spec.cloud === "aws" || spec.budget_usd !== undefined || options.reckon === true))
      purse = await purseOf(spec, options.price ?? [], opened);
  }
  purse ??= options.reckon === true ? emptyPurse : undefined;
  return { suites, results, provisioners, transports, clock, ...(purse === undefined ? {} : { purse }) };
}

type Opened = Parameters<typeof import("../adapters/ec2/instance-types.ts").instanceTypes>[0];

async function purseOf(
  spec: Pick<Spec, "sides" | "cloud" | "endpoint">,
  given: readonly string[],
  account: Opened,
): Promise<PriceInputs> {
  const { parsePrices: pricesOf } = await import("../domain/cost/price.ts");
  const { awsPrices } = await import("../adapters/aws/prices.ts");
  return {
    given: pricesOf(given, spec.sides, today()),
    prices: awsPrices(async () => account, whoseOf(spec)),
    timeScale: account.timeScale,
    vcpus: async (side) => {
      if (side.kind !== "ec2") return await emptyPurse.vcpus(side);
      const { instanceTypes } = await import("../adapters/ec2/instance-types.ts");
      const found = await instanceTypes(account).list(side.type);
      return found.find(({ name }) => name === side.type)?.vcpus;
    },
  };
}

/** Prices as the cloud of `place` says them. */
export async function openPrices(place: CloudTarget): Promise<PriceSource> {
  const { openAccount: account } = await import("../adapters/aws/account.ts");
  const { awsPrices } = await import("../adapters/aws/prices.ts");
  return awsPrices(async () => account(await accountOptions(place)), whoseOf(place));
}

/** Who says what things cost there, in the genitive. */
function whoseOf({ cloud, endpoint }: { readonly cloud: string; readonly endpoint?: string | undefined }): string {
  if (cloud === "sandbox") return "the sandbox's made-up";
  return endpoint === undefined ? "AWS's" : `${endpoint}'s`;
}

/** Where nothing is launched: nobody need be asked. */
const emptyPurse: PriceInputs = {
  given: [],
  prices: { ask: async () => ({ quotes: [], unknown: [] }) },
  timeScale: 1,
  vcpus: async ({ kind }) => (kind === "local" ? (await import("node:os")).availableParallelism() : undefined),
};

/** Images by name, in the region of `place`. */
export async function openImages(place: CloudTarget): Promise<Images> {
  const { openAccount: account } = await import("../adapters/aws/account.ts");
  const { ssmImages } = await import("../adapters/ec2/images.ts");
  return ssmImages(await account(await accountOptions(place)));
}

/** The faults that the sandbox knows, for people. */
export async function sandboxFaultsHelp(): Promise<string> {
  return (await import("../sandbox/faults/fault-kinds.ts")).faultsHelp();
}

async function accountOptions(spec: Pick<Spec, "cloud" | "region" | "endpoint">) {
  const { endpoint } = spec;
  if (spec.cloud === "sandbox" && endpoint === undefined) {
    const { openSandbox } = await import("./sandbox-process.ts");
    const sandbox = await openSandbox();
    return {
      region: spec.region ?? sandbox.region,
      endpoint: sandbox.endpoint,
      credentials: { accessKeyId: sandbox.access_key_id, secretAccessKey: sandbox.secret_access_key },
      timeScale: sandbox.time_scale,
    };
  }
  const region = spec.region ?? "us-east-1";
  return { region, ...(endpoint === undefined ? {} : { endpoint }) };
}

export async function openBoots(root: string): Promise<BootResults> {
  const { bootResultFolders: bootFolders } = await import("../adapters/folders/boot-results.ts");
  return bootFolders(root);
}

/** Boot times that were published under `id`, if any were. */
export async function publishedBoots(id: string): Promise<PublishedBoots | undefined> {
  const folders = await import("../adapters/folders/boot-results.ts");
  return await folders.readPublishedBoots(id);
}

/** All boot times that were published, by the name that `boot` takes. */
export async function allPublishedBoots(): Promise<ReadonlyMap<string, PublishedBoots>> {
  const folders = await import("../adapters/folders/boot-results.ts");
  const found = new Map<string, PublishedBoots>();
  for (const id of await folders.publishedBootIds()) {
    const boots = await folders.readPublishedBoots(id);
    if (boots !== undefined) found.set(id, boots);
  }
  return found;
}

/** The ports of a boot run. */
export async function createBootPorts(
  spec: BootSpec,
  options: {
    readonly results: string;
    readonly endpoint?: string | undefined;
    readonly screenshots?: string | undefined;
    readonly ownUserData?: Uint8Array | undefined;
    readonly price?: readonly string[] | undefined;
  },
): Promise<BootPorts> {
  const { systemClock: clock } = await import("../adapters/system/clock.ts");
  const { openAccount: account } = await import("../adapters/aws/account.ts");
  const { ec2BootProvisioner: ec2Booter } = await import("../adapters/ec2/boot/boot-provisioner.ts");
  const { tcpProbe } = await import("../adapters/system/tcp-probe.ts");
  const file = (await (await openSuites()).agent()).find(({ path }) => path === "user-data.sh");
  const { ownUserData, screenshots, endpoint } = options;
  const where = { ...spec, ...(endpoint === undefined ? {} : { endpoint }) };
  const opened = await account(await accountOptions(where));
  const userData = Buffer.from(file?.bytes ?? []).toString();
  const booter = ec2Booter({ account: opened, clock, userData, ownUserData, screenshots });
  const pays = spec.cloud === "aws" || spec.budget_usd !== undefined;
  const purse = pays ? await purseOf({ ...where, sides: toEc2Sides(spec) }, options.price ?? [], opened) : undefined;
  return { booter, probe: tcpProbe(clock), results: await openBoots(options.results), clock, ...(purse && { purse }) };
}
