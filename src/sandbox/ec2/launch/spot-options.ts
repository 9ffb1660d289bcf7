// What a launch asks of the spot market, checked as EC2 does.
//
// SpotMaxPriceTooLow and its words are EC2's ("Error codes" of its API reference, and public reports).

import type { RunInstancesRequest, SpotMarketOptions } from "@aws-sdk/client-ec2";
import { randomBytes } from "node:crypto";
import type { MachineType, Zone } from "../../catalogue.ts";
import type { InstancePlan } from "../../instance/instance-plan.ts";
import { ServiceError } from "../../protocol/service-error.ts";
import { spotPriceOf } from "../prices.ts";
import { tagsFor } from "./request-parts.ts";

/** A one-time request that ends with its instance; undefined where the launch is on demand. */
export function spotOf(request: RunInstancesRequest, type: MachineType, zone: Zone): InstancePlan["spot"] {
  const { InstanceMarketOptions: options } = request;
  if (options === undefined) return undefined;
  const { MarketType: market, SpotOptions: spot = {} } = options;
  if (market !== "spot")
    throw new ServiceError("InvalidParameterValue", `Invalid value '${String(market)}' for MarketType`);
  refuseOptions(spot);
  if (request.Placement?.Tenancy === "host")
    throw new ServiceError("InvalidParameterCombination", "spot instances cannot run on dedicated hosts");
  refusePrice(spot.MaxPrice, spotPriceOf(type, zone));
  return { requestId: `sir-${randomBytes(4).toString("hex")}`, tags: tagsFor(request, "spot-instances-request") };
}

function refuseOptions(spot: SpotMarketOptions): void {
  const [kind, interruption] = [spot.SpotInstanceType ?? "one-time", spot.InstanceInterruptionBehavior ?? "terminate"];
  if (kind === "one-time" && interruption !== "terminate")
    throw new ServiceError(
      "InvalidParameterCombination",
      `The interruption behavior '${interruption}' needs a persistent request`,
    );
  if (kind !== "one-time")
    throw new ServiceError("UnsupportedOperation", `the sandbox does not support spot requests of type ${kind}`);
  for (const name of ["BlockDurationMinutes", "ValidUntil"] as const)
    if (spot[name] !== undefined)
      throw new ServiceError("UnsupportedOperation", `the sandbox does not support SpotOptions.${name}`);
}

function refusePrice(most: string | undefined, price_usd: number | undefined): void {
  if (most === undefined) return;
  if (!/^\d+(\.\d+)?$/.test(most) || Number(most) === 0)
    throw new ServiceError("InvalidParameterValue", `Value (${most}) for parameter price is invalid.`);
  if (price_usd !== undefined && Number(most) < price_usd)
    throw new ServiceError(
      "SpotMaxPriceTooLow",
      `Your Spot request price of ${most} is lower than the minimum required Spot request fulfillment price of ${price_usd}.`,
    );
}
