// EC2's console operations: a console's output and picture.

import {
  GetConsoleScreenshot$,
  type GetConsoleScreenshotRequest,
  type GetConsoleScreenshotResult,
} from "@aws-sdk/client-ec2";
import { ServiceError } from "../protocol/service-error.ts";
import { operation, type Operation } from "../operation.ts";

/** A JPEG of 64 by 32 black points: the instances have no screen. */
const picture =
  "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhlbXd7gYKBTmCNl4x9lnN+gXz/wAALCAAgAEABAREA/8QAFQABAQAAAAAAAAAAAAAAAAAAAAb/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oACAEBAAA/AIwAAAAAAAAAAf/Z";

export const consoleOperations: Readonly<Record<string, Operation>> = {
  GetConsoleScreenshot: operation<GetConsoleScreenshotRequest, GetConsoleScreenshotResult>(
    GetConsoleScreenshot$,
    ({ InstanceId: id = "" }, region) => {
      const instance = region.instances.get(id);
      if (instance === undefined || !instance.isVisible)
        throw new ServiceError("InvalidInstanceID.NotFound", `The instance ID '${id}' does not exist`);
      if (instance.state !== "running" && instance.state !== "pending")
        throw new ServiceError("IncorrectInstanceState", `The instance '${id}' is not in a state with a console`);
      return { InstanceId: id, ImageData: picture };
    },
  ),
};
