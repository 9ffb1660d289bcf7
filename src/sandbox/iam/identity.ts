// STS's GetCallerIdentity: whose account this is.

import { GetCallerIdentity$ } from "@aws-sdk/client-sts";
import { operation, type Operation } from "../operation.ts";

export const identityOperations: Readonly<Record<string, Operation>> = {
  GetCallerIdentity: operation<object, object>(GetCallerIdentity$, (_input, { account }) => ({
    Account: account.id,
    UserId: "AIDASANDBOX",
    Arn: `arn:aws:iam::${account.id}:user/sandbox`,
  })),
};
