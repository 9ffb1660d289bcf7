// SSM's view of the instances: those whose agent has registered, and when it last sent a ping.

import {
  DescribeInstanceInformation$,
  type DescribeInstanceInformationRequest,
  type InstanceInformation,
} from "@aws-sdk/client-ssm";
import { defined } from "../../domain/defined.ts";
import { platform } from "../catalogue.ts";
import { ServiceError } from "../protocol/service-error.ts";
import { applyFilters, type Filter, type FilterFields } from "../protocol/filters.ts";
import { privateAddress } from "../ec2/instance-view.ts";
import type { Instance } from "../instance/instance.ts";
import { operation, type Operation } from "../operation.ts";
import { page, pageSize } from "../protocol/pagination.ts";

const heartbeatS = 300;
const agentVersion = "3.3.1230.0";

export const nodeOperations: Readonly<Record<string, Operation>> = {
  DescribeInstanceInformation: operation<DescribeInstanceInformationRequest, object>(
    DescribeInstanceInformation$,
    (input, region) => {
      const { time } = region.account;
      const nodes = [...region.instances.values()].flatMap((instance) => {
        const node = nodeOf(instance, time.ms(heartbeatS));
        return node === undefined ? [] : [{ instance, node }];
      });
      const shown = applyFilters(nodes, filtersOf(input), fields);
      const { items, next } = page(shown, ({ instance }) => instance.plan.number, {
        size: pageSize(input.MaxResults, [5, 50], "ValidationException"),
        token: input.NextToken,
        badToken: "InvalidNextToken",
      });
      return {
        InstanceInformationList: items.map(({ node }) => node),
        ...defined({ NextToken: next }),
      };
    },
  ),
};

interface Entry {
  readonly instance: Instance;
  readonly node: InstanceInformation;
}

const fields: FilterFields<Entry> = {
  InstanceIds: ({ node }) => [node.InstanceId],
  PingStatus: ({ node }) => [node.PingStatus],
  PlatformTypes: ({ node }) => [node.PlatformType],
  AgentVersion: ({ node }) => [node.AgentVersion],
  ResourceType: ({ node }) => [node.ResourceType],
};

/** Both spellings of a request's filters: an old and a new list, not to be mixed. */
function filtersOf(input: DescribeInstanceInformationRequest): Filter[] {
  const old = (input.InstanceInformationFilterList ?? []).map(({ key, valueSet }) => ({ Name: key, Values: valueSet }));
  const now = (input.Filters ?? []).map(({ Key, Values }) => ({ Name: Key, Values }));
  if (old.length > 0 && now.length > 0)
    throw new ServiceError("InvalidInstanceInformationFilterValue", "both kinds of filter are given");
  const all = [...old, ...now];
  const unknown = all.find(({ Name = "" }) => !Object.hasOwn(fields, Name));
  if (unknown !== undefined) throw new ServiceError("InvalidFilterKey", `there is no filter ${unknown.Name}`);
  return all;
}

// The agent pings when it registers and every five minutes from then on: its silence shows that late.
function nodeOf(instance: Instance, heartbeatMs: number): InstanceInformation | undefined {
  const { registeredAt, silentAt } = instance;
  if (registeredAt === undefined) return undefined;
  const registeredFor_ms = (silentAt ?? Date.now()) - registeredAt;
  const lastPing = registeredAt + Math.max(0, Math.floor(registeredFor_ms / heartbeatMs)) * heartbeatMs;
  const isOnline = Date.now() - lastPing <= heartbeatMs * 1.2;
  return {
    InstanceId: instance.id,
    PingStatus: isOnline ? "Online" : "ConnectionLost",
    LastPingDateTime: new Date(lastPing),
    AgentVersion: agentVersion,
    IsLatestVersion: true,
    PlatformType: "Linux",
    PlatformName: platform.name,
    PlatformVersion: platform.version,
    ResourceType: "EC2Instance",
    IPAddress: privateAddress(instance),
    ComputerName: instance.id,
  };
}
