// What a tag may be. From EC2's API reference, "Tag restrictions".

import type { Tag } from "@aws-sdk/client-ec2";
import { ServiceError } from "../../protocol/service-error.ts";

/** @throws ServiceError InvalidParameterValue where EC2 takes no such tag */
export function checkTag({ Key: key = "", Value: value = "" }: Tag): void {
  if (key === "" || key.length > 128 || value.length > 256 || key.startsWith("aws:"))
    throw new ServiceError("InvalidParameterValue", `Tag key '${key}' or its value is not allowed`);
}
