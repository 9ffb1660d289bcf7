// Who is let in, and what a request must be: raw requests, signed here by the book.

import { createHash, createHmac } from "node:crypto";
import { request as httpRequest } from "node:http";
import { DescribeInstancesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { DescribeInstanceInformationCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { nameOf, rent, type Rented } from "../support/rented-machine.ts";

let rented: Rented;
beforeAll(async () => {
  rented = await rent();
});
afterAll(async () => rented[Symbol.asyncDispose]());

test("a wrong secret is refused by both services", async () => {
  const credentials = { ...rented.sandbox.credentials, secretAccessKey: "not/it" };
  expect(await codesWith(credentials)).toEqual(["SignatureDoesNotMatch", "InvalidSignatureException"]);
});

test("an unknown access key is refused by both services", async () => {
  const credentials = { ...rented.sandbox.credentials, accessKeyId: "AKIANOBODY" };
  expect(await codesWith(credentials)).toEqual(["AuthFailure", "UnrecognizedClientException"]);
});

test("a request without a signature is refused", async () => {
  expect(await answerTo({ body: describe, sign: false })).toContain("<Code>MissingAuthenticationToken</Code>");
});

test("a request that was signed for another body is refused", async () => {
  expect(await answerTo({ body: describe, signedBody: `${describe}&MaxResults=5` })).toContain("SignatureDoesNotMatch");
});

test("a request signed twenty minutes ago is refused", async () => {
  const at = new Date(Date.now() - 20 * 60_000);
  expect(await answerTo({ body: describe, at })).toContain("<Code>RequestExpired</Code>");
});

test("a foreign Host header is refused, even with a good signature", async () => {
  const port = new URL(rented.sandbox.endpoint).port;
  expect(await answerTo({ body: describe, host: `evil.example:${port}` })).toContain("<Code>InvalidHost</Code>");
  expect(await answerTo({ body: describe, host: `localhost:${port}` })).toContain("<DescribeInstancesResponse");
});

test("a body over a megabyte is refused", async () => {
  expect(await answerTo({ body: `${describe}&X=${"x".repeat(1_100_000)}` })).toContain("RequestEntityTooLarge");
});

test("what EC2's schema lacks, misses or types otherwise is refused", async () => {
  const asked: [string, string][] = [
    ["UnknownParameter", `${describe}&Colour=blue`],
    ["UnknownParameter", `${describe}&Filter.1.Nome=x`],
    ["InvalidParameterValue", `${describe}&MaxResults=many`],
    ["InvalidParameterValue", `${describe}&InstanceId.2=i-01234567`],
    ["InvalidParameterValue", `${describe}&Filter.1.Name=shoe-size&Filter.1.Value.1=44`],
    ["MissingParameter", "Action=RunInstances&Version=2016-11-15&MinCount=1"],
    ["InvalidAction", "Action=MakeCoffee&Version=2016-11-15"],
  ];
  for (const [code, body] of asked) expect(await answerTo({ body }), body).toContain(`<Code>${code}</Code>`);
});

test("what SSM's schema lacks, misses or types otherwise is refused", async () => {
  const asked: [string, string, object][] = [
    ["ValidationException", "SendCommand", { DocumentName: "AWS-RunShellScript", Colour: "blue" }],
    ["ValidationException", "SendCommand", { InstanceIds: ["i-01234567"] }],
    [
      "SerializationException",
      "SendCommand",
      { DocumentName: "AWS-RunShellScript", Parameters: { executionTimeout: "60" } },
    ],
    ["UnknownOperationException", "MakeCoffee", {}],
  ];
  for (const [code, operation, input] of asked)
    expect(await answerTo({ body: JSON.stringify(input), target: `AmazonSSM.${operation}` })).toContain(code);
});

const describe = "Action=DescribeInstances&Version=2016-11-15";

async function codesWith(credentials: { accessKeyId: string; secretAccessKey: string }): Promise<string[]> {
  const shared = { endpoint: rented.sandbox.endpoint, region: "us-east-1", credentials, maxAttempts: 1 };
  const [ec2, ssm] = [new EC2Client(shared), new SSMClient(shared)];
  const codes = await Promise.all([
    ec2.send(new DescribeInstancesCommand({})).then(String, nameOf),
    ssm.send(new DescribeInstanceInformationCommand({})).then(String, nameOf),
  ]);
  ec2.destroy();
  ssm.destroy();
  return codes;
}

interface Raw {
  body: string;
  target?: string;
  sign?: boolean;
  signedBody?: string;
  at?: Date;
  host?: string;
}

function answerTo(raw: Raw): Promise<string> {
  const { host, port } = new URL(rented.sandbox.endpoint);
  const headers: Record<string, string> = {
    host: raw.host ?? host,
    "x-amz-date": (raw.at ?? new Date()).toISOString().replace(/[-:]|\.\d+/g, ""),
    ...(raw.target === undefined ? {} : { "x-amz-target": raw.target }),
  };
  const authorization = raw.sign === false ? {} : { authorization: signed(headers, raw) };
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: "127.0.0.1", port, method: "POST", path: "/", headers: { ...headers, ...authorization } },
      (response) => {
        let text = "";
        response.on("data", (chunk) => (text += String(chunk)));
        response.on("end", () => resolve(text));
      },
    );
    request.on("error", reject);
    request.end(raw.body);
  });
}

// Signature Version 4 as its documentation spells it, not by the library that the sandbox verifies with.
function signed(headers: Record<string, string>, raw: Raw): string {
  const { accessKeyId, secretAccessKey } = rented.sandbox.credentials;
  const time = headers["x-amz-date"] ?? "";
  const scope = [time.slice(0, 8), "us-east-1", raw.target === undefined ? "ec2" : "ssm", "aws4_request"];
  const names = Object.keys(headers).sort();
  const canonical = [
    "POST",
    "/",
    "",
    ...names.map((name) => `${name}:${headers[name]}`),
    "",
    names.join(";"),
    sha256(raw.signedBody ?? raw.body),
  ].join("\n");
  const text = ["AWS4-HMAC-SHA256", time, scope.join("/"), sha256(canonical)].join("\n");
  const key = scope.reduce<string | Buffer>((secret, word) => hmac(secret, word).digest(), `AWS4${secretAccessKey}`);
  const signature = hmac(key, text).digest("hex");
  return `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope.join("/")}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: string | Buffer, text: string): ReturnType<typeof createHmac> {
  return createHmac("sha256", key).update(text);
}
