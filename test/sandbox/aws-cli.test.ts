// Debian's awscli as a second client: it carries its own models, not the SDK's schemas. Its start takes 0.6 s of CPU, a call
// little, so each test starts it once.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test, vi } from "vitest";
import { imageId, rent, type Rented } from "../support/rented-machine.ts";
import { until } from "../support/until.ts";

const aws = "/usr/bin/aws";
vi.setConfig({ testTimeout: 180_000 });

test.skipIf(!existsSync(aws))("[needs aws] awscli launches, runs a command, and terminates", async () => {
  await using rented = await rent({ checkWire: true });
  await using cli = startAwsCli(rented);
  const tags = "ResourceType=instance,Tags=[{Key=timetrial:run,Value=r1}]";
  const launched = await cli.call(["ec2", "run-instances", "--image-id", imageId ?? "", "--instance-type", "s1.medium", "--tag-specifications", tags, "--user-data", "#!/bin/sh\necho hi"]); // prettier-ignore
  const id = String(find(launched, "InstanceId"));
  await cli.call(["ec2", "wait", "instance-running", "--filters", "Name=tag:timetrial:run,Values=r1"]);
  const described = await cli.call(["ec2", "describe-instances", "--instance-ids", id]);
  expect(find(described, "State")).toEqual({ Code: 16, Name: "running" });

  const sent = await cli.call(["ssm", "send-command", "--document-name", "AWS-RunShellScript", "--instance-ids", id, "--parameters", '{"commands":["echo $((6*7))"],"executionTimeout":["60"]}']); // prettier-ignore
  const commandId = String(find(sent, "CommandId"));
  await rented.outcome(id, commandId);
  const got = await cli.call(["ssm", "get-command-invocation", "--command-id", commandId, "--instance-id", id]);
  expect([find(got, "Status"), find(got, "StandardOutputContent")]).toEqual(["Success", "42\n"]);

  const quota = await cli.call(["service-quotas", "get-service-quota", "--service-code", "ec2", "--quota-code", "L-1216C47A"]); // prettier-ignore
  expect([find(quota, "Value"), find(quota, "QuotaCode")]).toEqual([128, "L-1216C47A"]);
  const none = await cli.call(["service-quotas", "get-service-quota", "--service-code", "ec2", "--quota-code", "L-0"]);
  expect(none).toContain("NoSuchResourceException");

  const ended = await cli.call(["ec2", "terminate-instances", "--instance-ids", id]);
  expect(find(ended, "CurrentState")).toEqual({ Code: 32, Name: "shutting-down" });
  await rented.until(id, "terminated");
  // Here, not beside the other waiters, in whose sandbox a terminated instance is shown for 3.6 s.
  expect(await cli.call(["ec2", "wait", "instance-terminated", "--instance-ids", id])).toBe(undefined);
  const refused = await cli.call(["ec2", "describe-instances", "--instance-ids", "i-0123456789abcdef0"]);
  expect(refused).toContain("InvalidInstanceID.NotFound");
});

test.skipIf(!existsSync(aws))("[needs aws] awscli lists the images' parameters, page after page", async () => {
  await using rented = await rent();
  await using cli = startAwsCli(rented);
  const path = ["ssm", "get-parameters-by-path", "--path", "/aws/service/freebsd", "--recursive"];
  const listed = (await cli.call(path)) as { Parameters: { Name: string; Value: string }[] };
  const first = (await cli.call([...path, "--max-items", "10"])) as { Parameters: unknown[]; NextToken: string };
  expect([first.Parameters.length, typeof first.NextToken]).toEqual([10, "string"]);
  const names = listed.Parameters.map((each) => each.Name);
  expect(names.length).toBeGreaterThan(30);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toContain("/aws/service/freebsd/arm64/base/ufs/14.3/RELEASE");
  const both = await cli.call(["ssm", "get-parameters", "--names", names[0] ?? "", "/aws/service/freebsd/x"]);
  expect([find(both, "Value"), find(both, "InvalidParameters")]).toEqual([
    listed.Parameters[0]?.Value,
    ["/aws/service/freebsd/x"],
  ]);
  const one = await cli.call(["ssm", "get-parameter", "--name", "/aws/service/freebsd/x"]);
  expect(one).toContain("ParameterNotFound");
});

test.skipIf(!existsSync(aws))("[needs aws] awscli's waiters come to an end, each at its first look", async () => {
  await using rented = await rent({ timeScale: 0.001, checkWire: true });
  await using cli = startAwsCli(rented);
  const id = await rented.launchOnline({ InstanceMarketOptions: { MarketType: "spot" } });
  const instance = await rented.describe(id);
  const volume = instance.BlockDeviceMappings?.[0]?.Ebs?.VolumeId ?? "";
  const ok = ["ec2", "describe-instance-status", "--filters", "Name=instance-status.status,Values=ok"];
  await until(async () => find(await cli.call(ok), "InstanceId") === id);
  const tag = ["--resources", id, "--tags", "Key=role,Value=bench"];
  expect(await cli.call(["ec2", "create-tags", ...tag])).toBe(undefined);
  const tags = ["ec2", "describe-tags", "--filters", `Name=resource-id,Values=${id}`];
  expect(find(await cli.call(tags), "Tags")).toEqual([
    { Key: "role", ResourceId: id, ResourceType: "instance", Value: "bench" },
  ]);
  const targets = ["--targets", "Key=tag:role,Values=bench", "--parameters", "commands=true"];
  const sent = await cli.call(["ssm", "send-command", "--document-name", "AWS-RunShellScript", ...targets]);
  const commandId = String(find(sent, "CommandId"));
  await rented.outcome(id, commandId);
  const waits: readonly (readonly string[])[] = [
    ["ec2", "wait", "instance-exists", "--instance-ids", id],
    ["ec2", "wait", "instance-running", "--instance-ids", id],
    ["ec2", "wait", "instance-status-ok", "--instance-ids", id],
    ["ec2", "wait", "system-status-ok", "--instance-ids", id],
    ["ec2", "wait", "volume-in-use", "--volume-ids", volume],
    ["ec2", "wait", "image-available", "--image-ids", imageId ?? ""],
    ["ec2", "wait", "subnet-available", "--subnet-ids", instance.SubnetId ?? ""],
    ["ec2", "wait", "vpc-available", "--vpc-ids", instance.VpcId ?? ""],
    ["ec2", "wait", "security-group-exists", "--group-ids", instance.SecurityGroups?.[0]?.GroupId ?? ""],
    [
      "ec2",
      "wait",
      "spot-instance-request-fulfilled",
      "--spot-instance-request-ids",
      instance.SpotInstanceRequestId ?? "",
    ],
    ["ssm", "wait", "command-executed", "--command-id", commandId, "--instance-id", id],
  ];
  for (const words of waits) expect([words[2], await cli.call(words)]).toEqual([words[2], undefined]);
});

interface AwsCli extends AsyncDisposable {
  /** The answer, parsed; or, where the call fails, what awscli says. */
  call(args: readonly string[]): Promise<unknown>;
}

/** Starts awscli for calls to the sandbox, one after the other. */
function startAwsCli({ dir, sandbox: { endpoint, region, credentials } }: Rented): AwsCli {
  const env = {
    PATH: "/usr/bin:/bin",
    HOME: dir,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_DEFAULT_REGION: region,
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_PAGER: "",
  };
  const script = join(import.meta.dirname, "../support/aws-calls.py");
  const child = spawn("/usr/bin/python3", [script], { env, stdio: ["pipe", "pipe", "inherit"] });
  const closed = once(child, "close");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async call(args) {
      child.stdin.write(`${JSON.stringify(["--endpoint-url", endpoint, "--output", "json", ...args])}\n`);
      const { done, value } = await lines.next();
      if (done === true) throw new Error(`awscli ended before it answered ${args.join(" ")}`);
      const { status, out, err } = JSON.parse(value) as { status: number; out: string; err: string };
      if (status !== 0) return err;
      return out === "" ? undefined : (JSON.parse(out) as unknown);
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await closed;
    },
  };
}

/** The first value under `key`, however deep. */
function find(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  if (!Array.isArray(value) && key in value) return (value as Record<string, unknown>)[key];
  for (const each of Object.values(value)) {
    const found = find(each, key);
    if (found !== undefined) return found;
  }
  return undefined;
}
