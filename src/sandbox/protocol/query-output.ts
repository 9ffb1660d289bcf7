// EC2's Query protocol, outwards: XML by the SDK's schema. What the schema lacks falls away.

import type { NormalizedSchema } from "@smithy/core/schema";
import type { ServiceError } from "./service-error.ts";
import { nameIn } from "./sdk-schemas.ts";

const namespace = "http://ec2.amazonaws.com/doc/2016-11-15/";

export function writeXml(action: string, output: object, schema: NormalizedSchema, requestId: string): string {
  const body = schema.isStructSchema() ? members(output, schema) : "";
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${action}Response xmlns="${namespace}"><requestId>${requestId}</requestId>${body}</${action}Response>`;
}

export function writeXmlFailure(failure: ServiceError, requestId: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>${failure.code}</Code><Message>${escaped(failure.message)}</Message></Error></Errors><RequestID>${requestId}</RequestID></Response>`;
}

const queryNamespaces: Readonly<Record<string, string>> = {
  GetCallerIdentity: "https://sts.amazonaws.com/doc/2011-06-15/",
};

/**
 * The Query protocol of AWS's older services, STS and IAM among them: what EC2 has at the top stands in a member of its
 * own, and elements of lists are called `member`.
 */
export function writeQueryXml(action: string, output: object, schema: NormalizedSchema, requestId: string): string {
  const space = queryNamespaces[action] ?? "https://iam.amazonaws.com/doc/2010-05-08/";
  return `<${action}Response xmlns="${space}"><${action}Result>${members(output, schema, "member")}</${action}Result><ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${action}Response>`;
}

export function writeQueryFailure(failure: ServiceError, requestId: string): string {
  return `<ErrorResponse><Error><Type>Sender</Type><Code>${failure.code}</Code><Message>${escaped(failure.message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
}

function members(value: object, schema: NormalizedSchema, each = "item"): string {
  const fields = value as Record<string, unknown>;
  let text = "";
  for (const [name, member] of schema.structIterator()) {
    const field = fields[name];
    if (field === undefined) continue;
    text += element(nameIn(member.getMergedTraits().xmlName, name), field, member, each);
  }
  return text;
}

function element(tag: string, value: unknown, schema: NormalizedSchema, each: string): string {
  return `<${tag}>${content(value, schema, each)}</${tag}>`;
}

function content(value: unknown, schema: NormalizedSchema, each: string): string {
  if (schema.isListSchema()) {
    const item = schema.getValueSchema();
    const tag = nameIn(item.getMergedTraits().xmlName, each);
    return (value as unknown[]).map((one) => element(tag, one, item, each)).join("");
  }
  if (schema.isStructSchema()) return members(value as object, schema, each);
  return escaped(value instanceof Date ? value.toISOString() : String(value));
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" };

// XML 1.0 cannot hold most control characters, not even escaped.
function escaped(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => entities[character] ?? character)
    .replace(/\r/g, "&#13;")
    .replace(/[^\t\n\r\u0020-\ufffd]/g, "\ufffd");
}
