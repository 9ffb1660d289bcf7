// Builds the ports of the sides that are in a cloud, and its prices. A bundle of its own: runs on this computer and over
// ssh need none of it.

import { TimetrialError } from "../../domain/errors.ts";
import type { Spec } from "../../domain/plan/plan.ts";
import { launchedSides } from "../../domain/plan/plan.ts";
import type { PriceInputs } from "../../pipeline/cost/cost-estimate.ts";
import type { RunPorts } from "../../pipeline/run/run-ports.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Suites } from "../../ports/suites.ts";

/** What the ports are built from. */
interface CloudPortInputs {
  readonly spec: Spec;
  readonly account: Parameters<typeof import("../../adapters/aws/account.ts").openAccount>[0];
  readonly suites: Suites;
  readonly clock: Clock;
  readonly prices: PriceOptions & {
    /** Whether the duration and the cost are estimated with any cloud. */
    readonly estimate: boolean;
  };
}

interface PriceOptions {
  /** Each is `TYPE=USD`, dollars an hour. */
  readonly given: readonly string[];
  /** Whose prices they are, as a table names their source. Undefined where the host of the prices says it. */
  readonly source: string | undefined;
  /** The date, ISO 8601. */
  readonly today: string;
  /** Returns the vCPUs of a side that no instance type has. */
  readonly vcpus: PriceInputs["vcpus"];
}

/** Builds the ports of instance types, which are launched or found by their tags, and of running instances. */
export async function cloudPorts(
  inputs: CloudPortInputs,
): Promise<Pick<RunPorts, "provisioners" | "transports"> & Pick<Partial<RunPorts>, "priceInputs">> {
  const { spec, suites, clock, prices } = inputs;
  const { openAccount } = await import("../../adapters/aws/account.ts");
  const { existingProvisioner } = await import("../../adapters/ec2/existing-provisioner.ts");
  const { ec2Provisioner } = await import("../../adapters/ec2/provisioner.ts");
  const { ssmTransport } = await import("../../adapters/ssm/transport.ts");
  const launches = launchedSides(spec).length > 0;
  const finds = spec.sides.some(({ kind }) => kind === "instances" || (kind === "ec2" && !launches));
  const account = await openAccount(inputs.account);
  const userData = async (): Promise<string> => {
    const file = (await suites.agent()).find(({ path }) => path === "user-data.sh");
    return Buffer.from(file?.bytes ?? []).toString();
  };
  const foundKinds = launches ? (["instances"] as const) : (["instances", "ec2"] as const);
  // The sandbox costs nothing: prices are looked up there only where the user asks about costs.
  const pays = launches && (spec.cloud === "aws" || spec.budget_usd !== undefined || prices.estimate);
  return {
    provisioners: [
      ...(launches ? [ec2Provisioner({ account: async () => account, clock, userData })] : []),
      ...(finds ? [existingProvisioner(async () => account, foundKinds)] : []),
    ],
    transports: { ssm: ssmTransport(account, clock) },
    ...(pays ? { priceInputs: await priceInputsOf(spec.sides, account, prices) } : {}),
  };
}

type Opened = Parameters<typeof import("../../adapters/ec2/instance-types.ts").instanceTypes>[0];

/** Builds what a cost is estimated from, of sides in `account`. */
export async function priceInputsOf(
  sides: Spec["sides"],
  account: Opened,
  { given, source, today, vcpus }: PriceOptions,
): Promise<PriceInputs> {
  const { parsePrices } = await import("../../domain/cost/price.ts");
  const { awsPrices } = await import("../../adapters/aws/prices.ts");
  const { instanceTypes } = await import("../../adapters/ec2/instance-types.ts");
  const names = [...new Set(sides.flatMap((side) => (side.kind === "ec2" ? [side.type] : [])))];
  let types: ReturnType<ReturnType<typeof instanceTypes>["fitting"]> | undefined;
  return {
    given: parsePrices(given, sides, today),
    prices: awsPrices(async () => account, source),
    timeScale: account.timeScale,
    vcpus: async (side) => {
      if (side.kind !== "ec2") return await vcpus(side);
      // One request for all sides.
      types ??= instanceTypes(account).fitting(names);
      return (await types).find(({ name }) => name === side.type)?.vcpus;
    },
  };
}

/** Returns whether `error` says that this computer has no credentials of AWS at all, and that none were named. */
export async function hasNoCredentials(error: unknown): Promise<boolean> {
  if ((process.env["AWS_PROFILE"] ?? "") !== "" || !(error instanceof TimetrialError)) return false;
  const { lacksCredentials } = await import("../../adapters/aws/errors.ts");
  return error.code === "NO_CREDENTIALS" && lacksCredentials(error.cause);
}
