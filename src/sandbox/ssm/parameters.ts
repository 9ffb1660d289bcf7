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
import { defined } from "../../domain/defined.ts";
import { images, type SandboxImage, ownParameters } from "../catalogue.ts";
import { ServiceError } from "../protocol/service-error.ts";
import { operation, type Operation } from "../operation.ts";
import { page, pageSize } from "../protocol/pagination.ts";

export const parameterOperations: Readonly<Record<string, Operation>> = {
  GetParameter: operation<GetParameterRequest, object>(GetParameter$, (input, region) => {
    const { name, selector } = splitSelector(input.Name ?? "");
    const found = findParameter(name, region.name);
    if (found === undefined) throw new ServiceError("ParameterNotFound", "");
    // Each parameter has version 1 only.
    const label = ownParameters.find((own) => own.name === name)?.label;
    if (selector !== undefined && selector !== "1" && selector !== label)
      throw new ServiceError(
        "ParameterVersionNotFound",
        `Systems Manager could not find version ${selector} of ${name}.`,
      );
    return { Parameter: { ...parameterView(found, name), ...(selector && { Selector: `:${selector}` }) } };
  }),
  GetParameters: operation<GetParametersRequest, object>(GetParameters$, (input, region) => {
    const names = input.Names ?? [];
    if (names.length < 1 || names.length > 10)
      throw new ServiceError("ValidationException", "Member must have length between 1 and 10 at 'names'");
    const found = names.map((name) => ({ name, image: findParameter(name, region.name) }));
    return {
      Parameters: found.flatMap(({ image }) => (image === undefined ? [] : [parameterView(image)])),
      InvalidParameters: found.filter(({ image }) => image === undefined).map(({ name }) => name),
    };
  }),
  GetParametersByPath: operation<GetParametersByPathRequest, object>(GetParametersByPath$, (input, region) => {
    const path = (input.Path ?? "").replace(/\/$/, "");
    if (!path.startsWith("/")) throw new ServiceError("ValidationException", "The parameter path must begin with '/'");
    const below = images.filter((each) => {
      if (each.region !== region.name || !each.parameter.startsWith(`${path}/`)) return false;
      return input.Recursive === true || !each.parameter.slice(path.length + 1).includes("/");
    });
    const { items, next } = page(below, (each) => images.indexOf(each), {
      size: pageSize(input.MaxResults, [1, 10], "ValidationException"),
      token: input.NextToken,
      badToken: "InvalidNextToken",
    });
    return { Parameters: items.map((each) => parameterView(each)), ...defined({ NextToken: next }) };
  }),
};

/** Splits the version or label off a parameter's name. An ARN has colons of its own. */
function splitSelector(text: string): { name: string; selector?: string } {
  const [, name = text, selector] = /^((?:arn:aws:ssm:[a-z0-9-]+:\d*:parameter)?[^:]*)(?::(.*))?$/.exec(text) ?? [];
  return selector === undefined ? { name } : { name, selector };
}

/** Returns the image that a parameter names, by the parameter's name or ARN. */
export function findParameter(name: string, region: string): SandboxImage | undefined {
  const plain = name.replace(/^arn:aws:ssm:[a-z0-9-]+:\d*:parameter/, "");
  const holds = ownParameters.find((own) => own.name === plain)?.of ?? plain;
  return images.find((each) => each.region === region && each.parameter === holds);
}

function parameterView(image: SandboxImage, name: string = image.parameter): Parameter {
  return {
    Name: name,
    Type: "String",
    Value: image.id,
    Version: 1,
    LastModifiedDate: new Date("2026-01-01T00:00:00Z"),
    ARN: `arn:aws:ssm:${image.region}::parameter${name.startsWith("/") ? "" : "/"}${name}`,
    DataType: "aws:ec2:image",
  };
}
