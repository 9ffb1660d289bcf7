// Builds the ports of `compare`, `plan` and `boot` from the adapters that their sides need.

import { defined } from "../../domain/defined.ts";
import { type BootSpec, toEc2Sides } from "../../domain/boot/boot.ts";
import type { Spec } from "../../domain/plan/plan.ts";
import type { BootPorts } from "../../pipeline/boot/boot-ports.ts";
import type { PriceInputs } from "../../pipeline/cost/cost-estimate.ts";
import type { RunPorts } from "../../pipeline/run/run-ports.ts";
import type { Clock } from "../../ports/clock.ts";
import type { MicroVm } from "../../domain/microvm/microvm.ts";
import type { Suites } from "../../ports/suites.ts";
import type { SpecOrigin } from "../spec/spec-origin.ts";
import { today } from "../today.ts";
import { accountOptions, openBoots, openOwnSuite, openResults, openSuites, priceSourceName } from "../wiring.ts";

interface RunPortOptions {
  /** Called with what the user should know about the endpoint: that it is silent, that clocks differ. */
  readonly say?: (text: string) => void;
  readonly results: string;
  /** Each is `TYPE=USD`, dollars an hour. */
  readonly price?: readonly string[] | undefined;
  /** Whether the duration and the cost are estimated with any cloud. */
  readonly estimate?: boolean;
  /** Whether no cloud is asked: types are known by their names, and prices are the given ones. */
  readonly offline?: boolean | undefined;
  /** Where the spec came from: a run keeps the file that it is made by. */
  readonly spec?: SpecOrigin | undefined;
}

/** The ports that one kind of side adds. */
type SidePorts = Pick<RunPorts, "provisioners" | "transports"> & Pick<Partial<RunPorts>, "priceInputs">;

/** Builds the ports that `spec` needs. */
export async function createRunPorts(spec: Spec, options: RunPortOptions): Promise<RunPorts> {
  const { systemClock: clock } = await import("../../adapters/system/clock.ts");
  if (runsHere(spec)) {
    const { refuseMissingTools } = await import("../../adapters/local/tools.ts");
    refuseMissingTools(process.env["PATH"] ?? "");
  }
  const suites = await suitesFor(spec, options.results);
  const results = await openResults(options.results, await keptSpec(options.spec));
  const has = (...kinds: Spec["sides"][number]["kind"][]): boolean =>
    spec.sides.some(({ kind }) => kinds.includes(kind));
  const found = [
    ...(has("local") ? [await localPorts()] : []),
    ...(has("ssh", "firecracker") ? [await sshPorts(clock, has("firecracker"))] : []),
    ...(has("ec2", "instances") && options.offline !== true
      ? [await cloudSidePorts(spec, options, suites, clock)]
      : []),
  ];
  const priceInputs =
    found.find((ports) => ports.priceInputs !== undefined)?.priceInputs ??
    (options.offline === true ? await offlinePriceInputs(spec.sides, options.price) : undefined) ??
    (options.estimate === true ? noPriceInputs : undefined);
  return {
    suites,
    results,
    clock,
    provisioners: found.flatMap(({ provisioners }) => provisioners),
    transports: Object.assign({}, ...found.map(({ transports }) => transports)) as RunPorts["transports"],
    ...defined({ priceInputs }),
  };
}

/** Returns the text of the spec file that a run is made by, as the run keeps it. */
async function keptSpec(spec: SpecOrigin | undefined): Promise<string | undefined> {
  return spec?.isFile === true ? await spec.text() : undefined;
}

/** Returns whether some of the machines are this computer. */
function runsHere({ sides, cloud, endpoint }: Spec): boolean {
  return sides.some(
    ({ kind }) => kind === "local" || (kind === "ec2" && cloud === "sandbox" && endpoint === undefined),
  );
}

async function localPorts(): Promise<SidePorts> {
  const { localProvisioner, localTransport } = await import("../../adapters/local/machine.ts");
  return { provisioners: [localProvisioner()], transports: { local: localTransport() } };
}

async function sshPorts(clock: Clock, hasMicroVms: boolean): Promise<SidePorts> {
  const { sshMachines } = await import("../../adapters/ssh/machines.ts");
  const { provisioner, transport } = sshMachines(clock);
  if (!hasMicroVms) return { provisioners: [provisioner], transports: { ssh: transport } };
  const { firecrackerProvisioner } = await import("../../adapters/firecracker/provisioner.ts");
  return { provisioners: [provisioner, firecrackerProvisioner(clock, transport)], transports: { ssh: transport } };
}

async function cloudSidePorts(spec: Spec, options: RunPortOptions, suites: Suites, clock: Clock): Promise<SidePorts> {
  const account = await accountOptions(spec, options.say);
  const prices = { ...priceOptions(spec, options.price), estimate: options.estimate === true };
  return await (await import("./cloud-ports.ts")).cloudPorts({ spec, account, suites, clock, prices });
}

function priceOptions(spec: Pick<Spec, "cloud" | "endpoint">, given: readonly string[] = []) {
  return { given, source: priceSourceName(spec), today: today(), vcpus: noPriceInputs.vcpus };
}

/** Price inputs of a run that launches nothing: no price is looked up. */
const noPriceInputs: PriceInputs = {
  given: [],
  prices: { ask: async () => ({ quotes: [], unknown: [] }) },
  timeScale: 1,
  vcpus: async ({ kind }) => (kind === "local" ? (await import("node:os")).availableParallelism() : undefined),
};

/** Price inputs of a plan that asks no cloud. */
export async function offlinePriceInputs(sides: Spec["sides"], price: readonly string[] = []): Promise<PriceInputs> {
  const { parsePrices } = await import("../../domain/cost/price.ts");
  const { vcpusByName } = await import("../../domain/cloud/type-size.ts");
  return {
    ...noPriceInputs,
    given: parsePrices(price, sides, today()),
    vcpus: async (side) => (side.kind === "ec2" ? vcpusByName(side.type) : await noPriceInputs.vcpus(side)),
  };
}

/** Returns `sides` with the contents of their microVMs' files. @throws TimetrialError USAGE */
export async function readMicroVms<S extends { readonly name: string }>(
  sides: readonly S[],
  fileOf: (side: S) => string | undefined,
): Promise<(S & { readonly vm?: MicroVm })[]> {
  return await Promise.all(
    sides.map(async (side) => {
      const file = fileOf(side);
      if (file === undefined) return side;
      const { readMicroVmFile } = await import("../../adapters/firecracker/config-file.ts");
      return { ...side, vm: await readMicroVmFile(file) };
    }),
  );
}

/** Builds the ports of a boot run. */
export async function createBootPorts(
  spec: BootSpec,
  options: {
    readonly results: string;
    readonly endpoint?: string | undefined;
    readonly screenshots?: string | undefined;
    readonly ownUserData?: Uint8Array | undefined;
    readonly say?: (text: string) => void;
    readonly price?: readonly string[] | undefined;
    readonly spec?: SpecOrigin | undefined;
  },
): Promise<BootPorts> {
  const { systemClock: clock } = await import("../../adapters/system/clock.ts");
  const { tcpProbe } = await import("../../adapters/system/tcp-probe.ts");
  const ports = {
    probe: tcpProbe(clock),
    results: await openBoots(options.results, await keptSpec(options.spec)),
    clock,
  };
  const [clouds, microVms] = [toEc2Sides(spec), spec.sides.filter(({ vm }) => vm !== undefined)];
  const cloud = clouds.length === 0 ? undefined : await cloudBootPorts(spec, options, clock);
  if (cloud !== undefined && microVms.length === 0) return { ...ports, ...cloud };
  const { firecrackerBootProvisioner } = await import("../../adapters/firecracker/boot-provisioner.ts");
  const provisioner = firecrackerBootProvisioner(clock);
  if (cloud === undefined) return { ...ports, provisioner };
  const { mixBootProvisioners } = await import("../../pipeline/boot/mix-provisioners.ts");
  return { ...ports, ...cloud, provisioner: mixBootProvisioners(cloud.provisioner, provisioner) };
}

type BootPortOptions = Parameters<typeof createBootPorts>[1];

/** Builds the ports of the sides that EC2 launches. */
async function cloudBootPorts(
  spec: BootSpec,
  options: BootPortOptions,
  clock: Clock,
): Promise<Pick<BootPorts, "provisioner" | "priceInputs">> {
  const { openAccount: account } = await import("../../adapters/aws/account.ts");
  const { ec2BootProvisioner } = await import("../../adapters/ec2/boot/boot-provisioner.ts");
  const file = (await (await openSuites()).agent()).find(({ path }) => path === "user-data.sh");
  const { ownUserData, screenshots, endpoint } = options;
  const where = { ...spec, ...defined({ endpoint }) };
  const opened = await account(await accountOptions(where, options.say));
  const userData = Buffer.from(file?.bytes ?? []).toString();
  const provisioner = ec2BootProvisioner({ account: opened, clock, userData, ownUserData, screenshots });
  const pays = spec.cloud === "aws" || spec.budget_usd !== undefined;
  const { priceInputsOf } = await import("./cloud-ports.ts");
  const priceInputs = pays
    ? await priceInputsOf(toEc2Sides(spec), opened, priceOptions(where, options.price))
    : undefined;
  return { provisioner, ...defined({ priceInputs }) };
}

/** Returns the suites of timetrial, those of the user's own, and the one that the user's own commands make. */
async function suitesFor({ command, suites: choices }: Spec, results: string): Promise<Suites> {
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
  const { commandSteps, readUpload: uploadOf } = await import("../../adapters/folders/upload.ts");
  const { createCommandSuite: commandSuite, addCommandSuite: withCommands } =
    await import("../../pipeline/plan/command-suite.ts");
  const upload =
    command.upload === undefined
      ? undefined
      : await uploadOf(command.upload, { ignored: command.upload_ignored, results });
  return withCommands(suites, commandSuite(command, await commandSteps(), upload));
}
