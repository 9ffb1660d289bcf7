// A sandbox in this process with both SDK clients on it, for one test: given back at its end.

import { EC2Client, RunInstancesCommand, type RunInstancesCommandInput } from "@aws-sdk/client-ec2";
import { DescribeInstancesCommand, type Instance } from "@aws-sdk/client-ec2";
import { GetCommandInvocationCommand, SendCommandCommand, SSMClient } from "@aws-sdk/client-ssm";
import { DescribeInstanceInformationCommand, type GetCommandInvocationCommandOutput } from "@aws-sdk/client-ssm";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { images, hostArchitecture } from "../../src/sandbox/catalogue.ts";
import { systemPathAfter } from "../../src/sandbox/instance/instance-folder.ts";
import { startSandbox, type Sandbox, type SandboxOptions } from "../../src/sandbox/sandbox.ts";
import { hasModels, violationsIn } from "./wire-models.ts";
import { until } from "./until.ts";

export const imageId = images.find((each) => each.region === "us-east-1" && each.architecture === hostArchitecture)?.id;

/** With the folder of test/support/compile-once.ts. */
const pathOfInstances = systemPathAfter(process.env["TIMETRIAL_SANDBOX_PATH"]);

export interface Rented extends AsyncDisposable {
  readonly dir: string;
  readonly sandbox: Sandbox;
  readonly ec2: EC2Client;
  readonly ssm: SSMClient;
  /** Asks for one instance; the id comes before EC2 shows it. */
  launch(input?: Partial<RunInstancesCommandInput>): Promise<string>;
  /** Launches one and waits until its agent is online. */
  launchOnline(input?: Partial<RunInstancesCommandInput>): Promise<string>;
  describe(instanceId: string): Promise<Instance>;
  /** Describes it until it is in `state`. */
  until(instanceId: string, state: string): Promise<Instance>;
  send(instanceId: string, script: string, parameters?: Record<string, string[]>): Promise<string>;
  /** Waits for a command's end. */
  outcome(instanceId: string, commandId: string): Promise<GetCommandInvocationCommandOutput>;
  run(instanceId: string, script: string): Promise<GetCommandInvocationCommandOutput>;
}

/**
 * With `checkWire`, everything that is asked must be what the services' models allow: for tests of our client, not of
 * what the sandbox refuses. `maxAttempts`: of the clients; where things go wrong on purpose, what a test asks for itself shall come through.
 */
export async function rent({
  maxAttempts: tries,
  checkWire = false,
  ...options
}: Partial<SandboxOptions> & { maxAttempts?: number; checkWire?: boolean } = {}): Promise<Rented> {
  const dir = mkdtempSync(join(tmpdir(), "tt-"));
  const record = join(dir, "record.ndjson");
  const sandbox = await startSandbox({
    dir,
    timeScale: 0.05,
    systemPath: pathOfInstances,
    ...(checkWire ? { record } : {}),
    ...options,
  });
  const shared = { endpoint: sandbox.endpoint, region: sandbox.region, credentials: sandbox.credentials };
  const maxAttempts = tries ?? (options.faults === undefined ? 1 : 12);
  const ec2 = new EC2Client({ ...shared, maxAttempts });
  const ssm = new SSMClient({ ...shared, maxAttempts });
  const rented: Rented = {
    dir,
    sandbox,
    ec2,
    ssm,
    async launch(input = {}) {
      const launched = await ec2.send(new RunInstancesCommand({ ...basics, ...input }));
      return launched.Instances?.[0]?.InstanceId ?? "";
    },
    async launchOnline(input = {}) {
      const id = await rented.launch(input);
      await until(async () => {
        const asked = new DescribeInstanceInformationCommand({ Filters: [{ Key: "InstanceIds", Values: [id] }] });
        return (await ssm.send(asked)).InstanceInformationList?.[0];
      });
      return id;
    },
    async describe(instanceId) {
      const found = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [instanceId] }));
      const instance = found.Reservations?.[0]?.Instances?.[0];
      if (instance === undefined) throw new Error(`${instanceId} is not described`);
      return instance;
    },
    until: (instanceId, state) =>
      until(async () => {
        const instance = await rented.describe(instanceId).catch(notThereYet);
        return instance?.State?.Name === state ? instance : undefined;
      }),
    async send(instanceId, script, parameters = {}) {
      const sent = await ssm.send(
        new SendCommandCommand({
          DocumentName: "AWS-RunShellScript",
          InstanceIds: [instanceId],
          Parameters: { commands: [script], ...parameters },
        }),
      );
      return sent.Command?.CommandId ?? "";
    },
    outcome: (instanceId, commandId) =>
      until(async () => {
        const asked = new GetCommandInvocationCommand({ CommandId: commandId, InstanceId: instanceId });
        const answer = await ssm.send(asked).catch(notThereYet);
        return answer === undefined || (answer.ExecutionEndDateTime ?? "") === "" ? undefined : answer;
      }),
    run: async (instanceId, script) => rented.outcome(instanceId, await rented.send(instanceId, script)),
    async [Symbol.asyncDispose]() {
      ec2.destroy();
      ssm.destroy();
      await sandbox.close();
      const violations = checkWire && hasModels ? violationsIn(record).violations : [];
      rmSync(dir, { recursive: true, force: true });
      if (violations.length > 0) throw new Error(`against the services' models:\n${violations.join("\n")}`);
    },
  };
  return rented;
}

const basics: RunInstancesCommandInput = {
  ImageId: imageId,
  InstanceType: "s2.medium" as NonNullable<RunInstancesCommandInput["InstanceType"]>,
  MinCount: 1,
  MaxCount: 1,
};

export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : String(error);
}

export function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

function notThereYet(error: unknown): undefined {
  if (!["InvocationDoesNotExist", "InvalidInstanceID.NotFound"].includes(nameOf(error))) throw error;
}
