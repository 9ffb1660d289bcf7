// SSM's parameters: the public ones that name images.

import {
  GetParameter$,
  GetParameters$,
  GetParametersByPath$,
  type GetParameterRequest,
  type GetParametersByPathRequest,
  type GetParametersRequest,
  type Parameter,
} from "@aws-sdk/client-ssm";
import { images, type Image } from "./catalogue.ts";
import { Failure } from "./failure.ts";
import { operation, type Operation } from "./operation.ts";
import { page, pageSize } from "./pages.ts";

export const parameterOperations: Readonly<Record<string, Operation>> = {
  GetParameter: operation<GetParameterRequest, object>(GetParameter$, (input, region) => {
    const found = findParameter(input.Name ?? "", region.name);
    if (found === undefined) throw new Failure("ParameterNotFound", "");
    return { Parameter: parameterView(found) };
  }),
  GetParameters: operation<GetParametersRequest, object>(GetParameters$, (input, region) => {
    const names = input.Names ?? [];
    if (names.length < 1 || names.length > 10)
      throw new Failure("ValidationException", "Member must have length between 1 and 10 at 'names'");
    const found = names.map((name) => ({ name, image: findParameter(name, region.name) }));
    return {
      Parameters: found.flatMap(({ image }) => (image === undefined ? [] : [parameterView(image)])),
      InvalidParameters: found.filter(({ image }) => image === undefined).map(({ name }) => name),
    };
  }),
  GetParametersByPath: operation<GetParametersByPathRequest, object>(GetParametersByPath$, (input, region) => {
    const path = (input.Path ?? "").replace(/\/$/, "");
    if (!path.startsWith("/")) throw new Failure("ValidationException", "The parameter path must begin with '/'");
    const below = images.filter((each) => {
      if (each.region !== region.name || !each.parameter.startsWith(`${path}/`)) return false;
      return input.Recursive === true || !each.parameter.slice(path.length + 1).includes("/");
    });
    const { items, next } = page(below, (each) => images.indexOf(each), {
      size: pageSize(input.MaxResults, [1, 10], "ValidationException"),
      token: input.NextToken,
      badToken: "InvalidNextToken",
    });
    return { Parameters: items.map(parameterView), ...(next === undefined ? {} : { NextToken: next }) };
  }),
};

/** By name or ARN. */
export function findParameter(name: string, region: string): Image | undefined {
  const plain = name.replace(/^arn:aws:ssm:[a-z0-9-]+:\d*:parameter/, "");
  return images.find((each) => each.region === region && each.parameter === plain);
}

function parameterView(image: Image): Parameter {
  return {
    Name: image.parameter,
    Type: "String",
    Value: image.id,
    Version: 1,
    LastModifiedDate: new Date("2026-01-01T00:00:00Z"),
    ARN: `arn:aws:ssm:${image.region}::parameter${image.parameter}`,
    DataType: "aws:ec2:image",
  };
}
