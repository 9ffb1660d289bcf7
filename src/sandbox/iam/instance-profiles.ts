// IAM, as far as it says which instance profiles the account has, and what their roles may do.

import {
  GetInstanceProfile$,
  SimulatePrincipalPolicy$,
  type GetInstanceProfileRequest,
  type SimulatePrincipalPolicyRequest,
} from "@aws-sdk/client-iam";
import type { SandboxAccount } from "../account.ts";
import { instanceProfiles, profileWithoutPolicy } from "../catalogue.ts";
import { operation, type Operation } from "../operation.ts";
import { ServiceError } from "../protocol/service-error.ts";

/** What the roles may do: the policy that `timetrial setup` prints, which is that of the SSM agent. */
const agentActions = /^(ssm:(UpdateInstanceInformation|List(Instance)?Associations)|ssmmessages:\w+|ec2messages:\w+)$/;

const created = new Date("2026-11-01T00:00:00Z");

export const profileOperations: Readonly<Record<string, Operation>> = {
  GetInstanceProfile: operation<GetInstanceProfileRequest, object>(GetInstanceProfile$, (input, { account }) => {
    const name = input.InstanceProfileName ?? "";
    if (!/^[\w+=,.@-]{1,128}$/.test(name))
      throw new ServiceError(
        "ValidationError",
        "The specified value for instanceProfileName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-",
      );
    if (!instanceProfiles.includes(name))
      throw new ServiceError("NoSuchEntity", `Instance Profile ${name} cannot be found.`, 404);
    return {
      InstanceProfile: {
        Path: "/",
        InstanceProfileName: name,
        InstanceProfileId: idOf("AIPA", name),
        Arn: `arn:aws:iam::${account.id}:instance-profile/${name}`,
        CreateDate: created,
        Roles: [
          {
            Path: "/",
            RoleName: name,
            RoleId: idOf("AROA", name),
            Arn: roleArn(account, name),
            CreateDate: created,
          },
        ],
      },
    };
  }),
  SimulatePrincipalPolicy: operation<SimulatePrincipalPolicyRequest, object>(
    SimulatePrincipalPolicy$,
    ({ PolicySourceArn: arn, ActionNames: actions = [], ...others }, { account }) => {
      const [other] = Object.keys(others);
      if (other !== undefined) throw new ServiceError("InvalidInput", `the sandbox's IAM does not take ${other}`);
      const name = instanceProfiles.find((one) => roleArn(account, one) === arn);
      if (name === undefined) throw new ServiceError("NoSuchEntity", `The entity ${arn} cannot be found.`, 404);
      const bad = actions.find((action) => !/^[a-z0-9-]+:\w+$/.test(action));
      if (bad !== undefined) throw new ServiceError("InvalidInput", `Invalid Action Name: ${bad}`);
      return {
        EvaluationResults: actions.map((action) => ({
          EvalActionName: action,
          EvalResourceName: "*",
          EvalDecision: name !== profileWithoutPolicy && agentActions.test(action) ? "allowed" : "implicitDeny",
          MatchedStatements: [],
          MissingContextValues: [],
        })),
        IsTruncated: false,
      };
    },
  ),
};

function roleArn({ id }: SandboxAccount, name: string): string {
  return `arn:aws:iam::${id}:role/${name}`;
}

/** An id of IAM's form, the same for the same name. */
function idOf(prefix: string, name: string): string {
  return `${prefix}${Buffer.from(name).toString("hex").toUpperCase()}`.padEnd(21, "X").slice(0, 21);
}
