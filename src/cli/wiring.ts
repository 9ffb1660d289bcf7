// The one place that knows the adapters. Each adapter is loaded when it is first needed.

import { join } from "node:path";
import type { GenericSchema, InferOutput } from "valibot";
import { defined } from "../domain/defined.ts";
import { TimetrialError } from "../domain/errors.ts";
import { quoteForMessage } from "../domain/plan/side.ts";
import { printableLines } from "../domain/printable.ts";
import { say } from "./output/terminal.ts";
import type { Spec } from "../domain/plan/plan.ts";
import type { PublishedBoots } from "../domain/published/boots.ts";
import type { Images } from "../ports/cloud/images.ts";
import type { SuiteCheckResult } from "../domain/suite-finding.ts";
import type { Suite } from "../domain/plan/suite.ts";
import type { InstanceTypes } from "../ports/cloud/instance-types.ts";
import type { PublishedFigures } from "../ports/published.ts";
import type { BootResults } from "../ports/boot-results.ts";
import type { Suites } from "../ports/suites.ts";
import type { Results } from "../ports/results.ts";
import type { RunGlance } from "../ports/run-glance.ts";
import type { StoredFolder, UnpackedRun } from "../ports/stored-folder.ts";
import type { DoctorCheck } from "../domain/doctor-check.ts";
import type { Doctor } from "../ports/cloud/doctor.ts";
import type { PriceSource } from "../ports/cloud/prices.ts";
import type { Sweeper } from "../ports/cloud/sweeper.ts";
import type { CloudTarget } from "./options/location-options.ts";

export async function openSuites(): Promise<Suites> {
  const { suiteFolders } = await import("../adapters/folders/suites.ts");
  return suiteFolders();
}

/** Loads a suite of the user's own from `folder`, as written. */
export async function openOwnSuite(folder: string): Promise<Suite> {
  const { loadSuite: suiteIn } = await import("../adapters/folders/suites.ts");
  return suiteIn(folder, folder.replace(/\/+$/, ""));
}

/**
 * Reads the spec file `file`. Returns its content, and a function to the place of a value, as errors name it:
 * `a.toml:4: sides[1]`.
 *
 * @throws TimetrialError USAGE where it cannot be read, or does not fit `schema`
 */
export async function openSpecFile<Schema extends GenericSchema>(
  file: string,
  schema: Schema,
): Promise<{ content: InferOutput<Schema>; placeOf: (keys: readonly (string | number)[]) => string }> {
  const { placeOfKeys, readToml, readTomlText } = await import("../adapters/folders/toml.ts");
  const text = await readTomlText(file, file, "docs/spec.md shows how a spec file is written");
  return {
    content: readToml(schema, { text, file, code: "USAGE" }),
    placeOf: (keys) => placeOfKeys({ text, file }, keys),
  };
}

/** Checks the suite in `folder`. Returns its faults. */
export async function checkSuite(folder: string): Promise<SuiteCheckResult> {
  const { checkSuiteIn } = await import("../adapters/suite-check/check-suite.ts");
  const { packageRoot } = await import("../adapters/folders/package-root.ts");
  const path = await import("node:path");
  const others = (await (await openSuites()).list()).filter(
    (name) => path.resolve(packageRoot().folder, "suites", name) !== path.resolve(folder),
  );
  return checkSuiteIn(folder, folder.replace(/(?<=.)\/+$/, ""), others);
}

/**
 * Returns the bytes of the plain file `path` that `option` names. A link is followed.
 *
 * @throws TimetrialError USAGE where it is a FIFO, a device or a folder, has more than `most_bytes`, or cannot be read
 */
export async function readOptionFile(option: string, path: string, most_bytes: number): Promise<Buffer> {
  const { readNamedFile } = await import("../adapters/folders/named-file.ts");
  return readNamedFile(path, most_bytes, "follow").catch((cause: Error) => {
    throw new TimetrialError("USAGE", `${option} ${quoteForMessage(path)}: ${cause.message}`, { cause });
  });
}

/** Opens the runs below `root`. `spec`: the text of the spec file that those which are created keep. */
export async function openResults(root: string, spec?: string): Promise<Results> {
  const { resultFolders } = await import("../adapters/folders/results.ts");
  const { originSigner } = await import("../adapters/folders/stored/origin.ts");
  return resultFolders(root, originSigner(), spec);
}

/** Looks at the plans of the newest `most` runs below `root`. Says nothing of a folder that cannot be read. */
export async function glanceAtRuns(root: string, most: number): Promise<RunGlance[]> {
  const { glanceAtRunFolders } = await import("../adapters/folders/stored/glance-at-runs.ts");
  return await glanceAtRunFolders(root, most);
}

/**
 * Opens the folder of `run`: a path, or a name below `root`.
 *
 * @throws TimetrialError RESULTS_UNKNOWN, RESULTS_CORRUPT
 */
export async function openRunFolder(root: string, run: string): Promise<StoredFolder> {
  const [{ openStoredFolder }, { originSigner }] = await Promise.all([
    import("../adapters/folders/stored-folder.ts"),
    import("../adapters/folders/stored/origin.ts"),
  ]);
  return await openStoredFolder(root, run, originSigner());
}

/** Opens the files of a bundle, which messages call `name`. @throws TimetrialError RESULTS_UNKNOWN, RESULTS_CORRUPT */
export async function openUnpacked(name: string, unpacked: UnpackedRun): Promise<StoredFolder> {
  const [{ openUnpackedRun }, { originSigner }] = await Promise.all([
    import("../adapters/folders/stored-folder.ts"),
    import("../adapters/folders/stored/origin.ts"),
  ]);
  return openUnpackedRun(name, unpacked, originSigner());
}

export async function openPublished(): Promise<PublishedFigures> {
  const { publishedFolder } = await import("../adapters/folders/published.ts");
  return publishedFolder();
}

/** Opens the instance types of the account and region that `where` names. */
export async function openInstanceTypes(where: CloudTarget): Promise<InstanceTypes> {
  const { openAccount: account } = await import("../adapters/aws/account.ts");
  const { instanceTypes } = await import("../adapters/ec2/instance-types.ts");
  return instanceTypes(await account(await accountOptions(where)));
}

/** Opens the sweeper of the account and region that `where` names. */
export async function openSweeper(where: CloudTarget): Promise<Sweeper> {
  const { openAccount: account } = await import("../adapters/aws/account.ts");
  const { ec2Sweeper } = await import("../adapters/ec2/release/sweeper.ts");
  const { systemClock } = await import("../adapters/system/clock.ts");
  return ec2Sweeper(await account(await accountOptions(where)), systemClock);
}

/** Opens the checks of the account and region that `where` names. */
export async function openDoctor(where: CloudTarget): Promise<Doctor> {
  const { openAccount: account } = await import("../adapters/aws/account.ts");
  const { ec2Doctor } = await import("../adapters/ec2/doctor/doctor.ts");
  return ec2Doctor(await account(await accountOptions(where)));
}

/** Opens the checks of the microVM that `file` describes. */
export async function openMicroVmDoctor(file: string): Promise<AsyncIterable<DoctorCheck>> {
  const { readMicroVmFile } = await import("../adapters/firecracker/config-file.ts");
  const { checkMicroVm } = await import("../adapters/firecracker/doctor.ts");
  const { systemClock } = await import("../adapters/system/clock.ts");
  return checkMicroVm(await readMicroVmFile(file), systemClock);
}

/** Opens the functions that find, and end, what microVMs left on this computer. */
export async function openLocalSweeper() {
  const { findLocalLeftovers, endLocalLeftover } = await import("../adapters/firecracker/local-sweeper.ts");
  return { findLocalLeftovers, endLocalLeftover };
}

/** Checks the tools of this machine. */
export async function checkTools(): Promise<DoctorCheck[]> {
  const { checkLocalTools: localTools } = await import("../adapters/local/tools.ts");
  const { checkCounters } = await import("../adapters/local/counters-check.ts");
  const { packageRoot } = await import("../adapters/folders/package-root.ts");
  const tools = localTools(process.env["PATH"] ?? "", process.versions.node);
  return [...tools, await checkCounters(join(packageRoot().folder, "remote"))];
}

/** Opens the prices of the cloud of `place`. */
export async function openPrices(place: CloudTarget): Promise<PriceSource> {
  const { openAccount: account } = await import("../adapters/aws/account.ts");
  const { awsPrices } = await import("../adapters/aws/prices.ts");
  return awsPrices(async () => account(await accountOptions(place)), priceSourceName(place));
}

/** Returns whose prices they are, as a table names their source. Undefined where the host of the prices says it. */
export function priceSourceName({
  cloud,
  endpoint,
}: {
  readonly cloud: string;
  readonly endpoint?: string | undefined;
}): string | undefined {
  if (cloud === "sandbox") return "the sandbox's made-up";
  return endpoint === undefined ? undefined : `${endpoint}'s`;
}

/** Opens the images in the region of `place`. */
export async function openImages(place: CloudTarget): Promise<Images> {
  const { openAccount: account } = await import("../adapters/aws/account.ts");
  const { ssmImages } = await import("../adapters/ec2/images.ts");
  return ssmImages(await account(await accountOptions(place)));
}

/** Describes for people the faults that the sandbox knows. */
export async function sandboxFaultsHelp(): Promise<string> {
  return (await import("../sandbox/faults/fault-kinds.ts")).faultsHelp();
}

/** Returns how to open the account of `spec`: the sandbox's, which is started where none runs, or the user's own. */
export async function accountOptions(
  spec: Pick<Spec, "cloud" | "region" | "endpoint">,
  tell: (text: string) => void = (text) => say(printableLines(`timetrial: ${text}`)),
) {
  const { endpoint } = spec;
  if (spec.cloud === "sandbox" && endpoint === undefined) {
    const { openSandbox } = await import("./sandbox-process.ts");
    const sandbox = await openSandbox();
    return {
      region: spec.region ?? sandbox.region,
      endpoint: sandbox.endpoint,
      credentials: { accessKeyId: sandbox.access_key_id, secretAccessKey: sandbox.secret_access_key },
      timeScale: sandbox.time_scale,
      say: tell,
    };
  }
  return { region: await regionOf(spec), ...defined({ endpoint }), say: tell };
}

/**
 * Returns the region of the calls: the option's or the environment's, else that of the AWS profile.
 *
 * @throws TimetrialError REGION_UNKNOWN
 */
async function regionOf({ region }: Pick<Spec, "region">): Promise<string> {
  return region ?? (await (await import("../adapters/aws/region.ts")).profileRegion());
}

/**
 * Returns `spec` with its region. A run keeps its region, because it may continue in another shell, under another
 * profile.
 */
export async function withRegion<S extends Pick<Spec, "cloud" | "region">>(spec: S, asks: boolean): Promise<S> {
  return spec.cloud === "aws" && asks ? { ...spec, region: await regionOf(spec) } : spec;
}

/** Opens the boot runs below `root`. `spec`: the text of the spec file that those which are created keep. */
export async function openBoots(root: string, spec?: string): Promise<BootResults> {
  const { bootResultFolders: bootFolders } = await import("../adapters/folders/boot-results.ts");
  return bootFolders(root, spec);
}

/** Reads the boot times that were published under `id`. Undefined where there are none. */
export async function publishedBoots(id: string): Promise<PublishedBoots | undefined> {
  const folders = await import("../adapters/folders/boot-results.ts");
  return await folders.readPublishedBoots(id);
}

/** Reads all boot times that were published, by the name that `boot` takes. */
export async function allPublishedBoots(): Promise<ReadonlyMap<string, PublishedBoots>> {
  const folders = await import("../adapters/folders/boot-results.ts");
  const found = new Map<string, PublishedBoots>();
  for (const id of await folders.publishedBootIds()) {
    const boots = await folders.readPublishedBoots(id);
    if (boots !== undefined) found.set(id, boots);
  }
  return found;
}
