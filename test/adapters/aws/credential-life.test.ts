// Credentials that end before the machines do: by the real SDK, of the environment and of SSO, whose portal is a stand-in on
// loopback.

import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type AwsAccount, openAccount } from "../../../src/adapters/aws/account.ts";
import { credentialLife, credentialNotes } from "../../../src/adapters/aws/credential-life.ts";

let home: string;
let portal: Server | undefined;
const before = { ...process.env };
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "timetrial-credentials-"));
  for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) delete process.env[name];
  const config = join(home, "config");
  Object.assign(process.env, {
    HOME: home,
    AWS_CONFIG_FILE: config,
    AWS_SHARED_CREDENTIALS_FILE: join(home, "credentials"),
    AWS_EC2_METADATA_DISABLED: "true",
  });
});
afterEach(() => {
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  Object.assign(process.env, before);
  portal?.close();
  rmSync(home, { recursive: true });
});

const inHours = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString().replace(/\.\d+/, "");
const opened = (): Promise<AwsAccount> => openAccount({ region: "us-east-1" });
const notes = async (): Promise<string[]> => credentialNotes(await opened(), { max_hours: 2 });

function ofEnvironment(until?: string): void {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: "AKIANOBODY", AWS_SECRET_ACCESS_KEY: "none" });
  if (until !== undefined) process.env["AWS_CREDENTIAL_EXPIRATION"] = until;
}

test("credentials of the environment that end before the machines' deadline are told, and that nobody renews them", async () => {
  const until = inHours(1);
  ofEnvironment(until);
  expect(await notes()).toEqual([
    `the credentials expire at ${until.replace("Z", ".000Z")}, before the machines' deadline, and are not renewed`,
  ]);
  expect(await credentialLife(await opened())).toMatchObject({ renewed: "no" });
});

test.each([
  ["outlast the machines", inHours(3)],
  ["never end", undefined],
])("credentials that %s are no reason for a note", async (_, until) => {
  ofEnvironment(until);
  expect(await notes()).toEqual([]);
});

test("credentials of a program that is asked again are renewed, and no reason for a note", async () => {
  const answer = { Version: 1, AccessKeyId: "AKIANOBODY", SecretAccessKey: "none", Expiration: inHours(1) };
  writeFileSync(join(home, "answer.json"), JSON.stringify(answer));
  writeFileSync(join(home, "config"), `[default]\ncredential_process = cat ${join(home, "answer.json")}\n`);
  expect(await credentialLife(await opened())).toMatchObject({ renewed: "yes" });
  expect(await notes()).toEqual([]);
});

test("credentials of SSO are renewed while the session lasts, which the note says", async () => {
  const until = inHours(1);
  const roleCredentials = { accessKeyId: "AKIANOBODY", secretAccessKey: "none", sessionToken: "t", expiration: Date.parse(until) }; // prettier-ignore
  portal = createServer((_, response) =>
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ roleCredentials })),
  );
  await new Promise<void>((done) => portal?.listen(0, "127.0.0.1", done));
  process.env["AWS_ENDPOINT_URL_SSO"] = `http://127.0.0.1:${(portal.address() as AddressInfo).port}`;
  writeFileSync(
    join(home, "config"),
    "[default]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = ops\n" +
      "[sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://corp.example/start\n",
  );
  const cache = join(home, ".aws", "sso", "cache");
  mkdirSync(cache, { recursive: true });
  const token = { accessToken: "token", expiresAt: inHours(8), region: "us-east-1", startUrl: "https://corp.example/start" }; // prettier-ignore
  writeFileSync(join(cache, `${createHash("sha1").update("corp").digest("hex")}.json`), JSON.stringify(token));
  expect(await credentialLife(await opened())).toMatchObject({ renewed: "while the SSO session lasts" });
  expect(await notes()).toEqual([
    `the credentials expire at ${until.replace("Z", ".000Z")}, before the machines' deadline: renewed while the SSO session lasts`,
  ]);
}, 20_000);
