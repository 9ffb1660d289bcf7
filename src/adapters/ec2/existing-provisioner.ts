// Uses instances that exist already: named by id, or found by tags. It never launches or terminates one.

import type { Instance } from "@aws-sdk/client-ec2";
import { TimetrialError } from "../../domain/errors.ts";
import { fileNameOfSide, quoteForMessage, type Side } from "../../domain/plan/side.ts";
import type { AcquiredMachine, Provisioner, ProvisionRequest } from "../../ports/cloud/provisioner.ts";
import type { AwsAccount } from "../aws/account.ts";
import { describedInstance, describeInstances, instancesById } from "./describe-instances.ts";
import { ssmOnlineIds } from "./launch/wait-ready.ts";

/** A side whose instances run already: named by id, or found by the run's tags. */
export type FoundSide = Extract<Side, { kind: "ec2" | "instances" }>;

/**
 * Provides the existing machines of a run. `kinds` contains "ec2" if the run's tags tell which instances belong to a
 * type.
 *
 * @example
 * import { existingProvisioner, openAccount } from "timetrial/adapters";
 *
 * export const provisioner = existingProvisioner(() => openAccount({ region: "us-east-1" }), ["instances"]);
 */
export function existingProvisioner(
  account: () => Promise<AwsAccount>,
  kinds: readonly FoundSide["kind"][],
): Provisioner {
  let checked: Promise<Map<string, readonly Instance[]>> | undefined;
  const instancesOf = (request: ProvisionRequest) => (checked ??= account().then((opened) => find(opened, request)));
  return {
    kinds,
    check: async (request) => {
      await instancesOf(request);
    },
    acquire: async (order) => {
      const { region } = await account();
      const found = await instancesOf(order);
      for (const [side, instances] of found) order.observe({ what: "note", text: foundNote(side, instances, order) });
      return [...found].flatMap(([side, instances]) =>
        instances.map((instance, i) => acquired(side, instance, i + 1, region)),
      );
    },
    recover: async (order, known) => {
      const found = new Set([...(await instancesOf(order)).values()].flat().flatMap(({ InstanceId: id }) => id ?? []));
      return known.filter(({ machine: { address } }) => address.kind === "ssm" && found.has(address.instance_id));
    },
    release: async () => {},
    absence: async () => ({ state: "nothing-leased" }),
  };
}

/**
 * Returns each side's instances, all of them running and managed by SSM.
 *
 * @throws TimetrialError REFUSED, NO_CREDENTIALS, CLOUD
 */
async function find(account: AwsAccount, { plan, sides }: ProvisionRequest): Promise<Map<string, readonly Instance[]>> {
  const found = new Map<string, readonly Instance[]>();
  for (const side of sides as FoundSide[]) {
    found.set(
      side.name,
      side.kind === "instances"
        ? await byIds(account, side)
        : await byTags(account, side, plan.spec.tags ?? {}, plan.spec.at_most),
    );
  }
  const ids = [...new Set([...found.values()].flat().flatMap(({ InstanceId: id }) => id ?? []))];
  const managed = new Set(await ssmOnlineIds(account, ids));
  const silent = ids.filter((id) => !managed.has(id));
  if (silent.length === 0) return found;
  throw new TimetrialError("REFUSED", `no SSM agent responds on ${silent.join(", ")} in ${account.region}`, {
    hint: "is its agent running, does its role allow SSM, and has its subnet a way out?",
  });
}

async function byIds(
  account: AwsAccount,
  { name, ids }: Extract<FoundSide, { kind: "instances" }>,
): Promise<Instance[]> {
  const known = new Map((await instancesById(account, ids)).map((instance) => [instance.InstanceId ?? "", instance]));
  const wrong = ids.flatMap((id) => {
    const state = known.get(id)?.State?.Name;
    if (state === "running") return [];
    return [state === undefined ? `there is no instance ${id} in ${account.region}` : `${id} is ${state}`];
  });
  if (wrong.length === 0) return ids.flatMap((id) => known.get(id) ?? []);
  throw new TimetrialError("REFUSED", `side ${name}: expected running instances: ${wrong.join(", ")}`);
}

async function byTags(
  account: AwsAccount,
  { name, type }: Extract<FoundSide, { kind: "ec2" }>,
  tags: Readonly<Record<string, string>>,
  atMost: number | undefined,
): Promise<Instance[]> {
  const filters = [
    { Name: "instance-type", Values: [type] },
    { Name: "instance-state-name", Values: ["running"] },
    ...Object.entries(tags).map(([key, value]) => ({ Name: `tag:${key}`, Values: [literal(value)] })),
  ];
  const all = (await describeInstances(account, filters))
    .filter(({ Tags: own = [] }) =>
      Object.entries(tags).every(([key, value]) => own.some((tag) => tag.Key === key && tag.Value === value)),
    )
    .sort((a, b) => ((a.InstanceId ?? "") < (b.InstanceId ?? "") ? -1 : 1));
  if (all.length > 0) return all.slice(0, atMost);
  throw new TimetrialError("REFUSED", `side ${name}: no running ${type} in ${account.region} bears ${tagText(tags)}`, {
    hint: "leave out --tag to launch machines, or name instances by their ids",
  });
}

/** Escapes `text` for a filter's value, where * and ? are wildcards and a backslash escapes them. */
function literal(text: string): string {
  return text.replace(/[\\*?]/g, "\\$&");
}

function tagText(tags: Readonly<Record<string, string>>): string {
  return Object.entries(tags)
    .map(([key, value]) => quoteForMessage(`${key}=${value}`))
    .join(" and ");
}

function foundNote(side: string, instances: readonly Instance[], { plan, sides }: ProvisionRequest): string {
  const ids = instances.map(({ InstanceId: id }) => id).join(", ");
  const found = sides.find(({ name }) => name === side);
  const how = found?.kind === "ec2" ? `, running ${found.type} that bear ${tagText(plan.spec.tags ?? {})}` : "";
  return `${side}: ${instances.length} ${instances.length === 1 ? "machine" : "machines"}${how}: ${ids}; used and left running`;
}

function acquired(side: string, instance: Instance, number: number, region: string): AcquiredMachine {
  const described = describedInstance(instance);
  return {
    machine: {
      name: `${fileNameOfSide(side)}-${number}`,
      side,
      address: { kind: "ssm", instance_id: described.id, region },
    },
    instance: described,
  };
}
