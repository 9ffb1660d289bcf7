// Faults of a request: throttled, failed by the service, lost, or late.

import { ServiceError } from "../protocol/service-error.ts";
import type { FaultDraws } from "./fault-plan.ts";
import type { ScaledClock } from "../scaled-time.ts";
import type { ServiceName } from "../protocol/signature.ts";

/** The connection ends without an answer. */
export class ConnectionDropped extends Error {}

/**
 * Calls `answer`, with the fault that is drawn for the request: a delay, or an error before or after it took effect.
 *
 * @throws Failure, Dropped
 */
export async function answerWithFaults(
  { faults, time }: { faults: FaultDraws; time: ScaledClock },
  service: ServiceName,
  answer: () => string,
): Promise<string> {
  const delay = faults.happens("slow") ? (faults.of("slow")?.seconds ?? 0) : 0;
  if (faults.happens("throttle")) throw throttled(service);
  const fault = (["drop", "http5xx", "hang"] as const).find((name) => faults.happens(name));
  const takesEffect = fault === undefined || faults.fraction(fault) >= 0.5;
  const response = takesEffect ? answer() : "";
  if (delay > 0) await time.pause(delay);
  // Until its client hangs up, or the sandbox ends.
  if (fault === "hang") await new Promise(() => {});
  if (fault === "drop") throw new ConnectionDropped();
  if (fault === "http5xx") throw broken(service);
  return response;
}

function throttled(service: ServiceName): ServiceError {
  return service === "ec2"
    ? new ServiceError("RequestLimitExceeded", "Request limit exceeded.", 503)
    : new ServiceError("ThrottlingException", "Rate exceeded");
}

function broken(service: ServiceName): ServiceError {
  return service === "ec2"
    ? new ServiceError("InternalError", "An internal error has occurred", 500)
    : new ServiceError("InternalServerError", "An error occurred on the server side.", 500);
}
