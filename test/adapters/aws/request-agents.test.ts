// How requests leave, by a real proxy (Debian's tinyproxy) and to a server whose certificate only AWS_CA_BUNDLE vouches
// for. The server is a stand-in of EC2 and of Service Quotas: it has one answer for each.

import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { openAccount } from "../../../src/adapters/aws/account.ts";
import { bootClients, connectionDescription } from "../../../src/adapters/ec2/boot/clients.ts";
import { ec2Quota } from "../../../src/adapters/aws/service-quotas.ts";
import { freePort } from "../../support/free-port.mjs";

const tinyproxy = ["/usr/bin/tinyproxy", "/usr/sbin/tinyproxy"].find((path) => existsSync(path));
const openssl = existsSync("/usr/bin/openssl");
const lacking = [...(tinyproxy === undefined ? ["tinyproxy"] : []), ...(openssl ? [] : ["openssl"])];

const folder = mkdtempSync(join(tmpdir(), "tt-proxy-"));
const log = join(folder, "log");
const answer: RequestListener = (request, response) => {
  const isQuota = request.headers["x-amz-target"] !== undefined;
  request.resume();
  response.end(
    isQuota
      ? JSON.stringify({ Quota: { QuotaCode: "L-1", QuotaName: "vCPUs", Value: 5 } })
      : "<DescribeSubnetsResponse><subnetSet><item><subnetId>subnet-1</subnetId></item></subnetSet></DescribeSubnetsResponse>",
  );
};
const ended: (() => unknown)[] = [];
let plain: string, tls: string, proxy: string, guarded: string;

async function listen(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ended.push(
    () => server.close(),
    () => server.closeAllConnections(),
  );
  return (server.address() as AddressInfo).port;
}

async function startProxy(...lines: string[]): Promise<number> {
  const port = await freePort();
  const file = join(folder, `proxy-${port}.conf`);
  writeFileSync(
    file,
    ["Listen 127.0.0.1", `Port ${port}`, `LogFile "${log}"`, "LogLevel Connect", ...lines, ""].join("\n"),
  );
  const child: ChildProcess = spawn(tinyproxy as string, ["-d", "-c", file], { stdio: "ignore" });
  const exit = new Promise((resolve) => child.once("exit", resolve));
  ended.push(async () => (child.kill(), await exit));
  await vi.waitFor(
    () =>
      new Promise<void>((resolve, reject) => {
        const socket = connect(port, "127.0.0.1", () => (socket.destroy(), resolve()));
        socket.on("error", reject);
      }),
    { timeout: 20_000 },
  );
  return port;
}

describe.skipIf(lacking.length > 0)(
  `requests to AWS, by the environment [needs ${lacking.join(", ") || "tools"}]`,
  () => {
    beforeAll(async () => {
      const openssl = (...words: string[]) => execFileSync("openssl", words, { cwd: folder, stdio: "pipe" });
      openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", "cert.pem"); // prettier-ignore
      const [key, cert] = ["key.pem", "cert.pem"].map((name) => readFileSync(join(folder, name)));
      plain = `http://localhost:${await listen(createServer(answer))}`;
      tls = `https://localhost:${await listen(createTlsServer({ key, cert }, answer))}`;
      proxy = `http://127.0.0.1:${await startProxy()}`;
      guarded = `127.0.0.1:${await startProxy("BasicAuth someone s3cret")}`;
    });
    afterAll(async () => {
      for (const end of ended.reverse()) await end();
      rmSync(folder, { recursive: true });
    });
    beforeEach(() => {
      for (const name of ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "AWS_CA_BUNDLE"])
        for (const each of [name, name.toLowerCase()]) vi.stubEnv(each, undefined);
      vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE");
      vi.stubEnv("AWS_SECRET_ACCESS_KEY", "example");
      writeFileSync(log, "");
    });
    afterEach(() => void vi.unstubAllEnvs());

    async function subnets(endpoint: string): Promise<string[]> {
      const account = await openAccount({ region: "us-east-1", endpoint });
      try {
        const { Subnets = [] } = await account.ec2.send(new account.sdk.DescribeSubnetsCommand({}));
        return Subnets.map(({ SubnetId }) => SubnetId ?? "");
      } finally {
        account.ec2.destroy();
      }
    }
    /** Requests that a proxy was asked for. */
    const asked = () => readFileSync(log, "utf8").match(/Request \(file descriptor \d+\): .*/g) ?? [];

    test("a request over TLS goes through HTTPS_PROXY, with the certificates of AWS_CA_BUNDLE", async () => {
      vi.stubEnv("HTTPS_PROXY", proxy);
      vi.stubEnv("AWS_CA_BUNDLE", join(folder, "cert.pem"));
      expect(await subnets(tls)).toEqual(["subnet-1"]);
      expect(asked()).toEqual([expect.stringContaining(`CONNECT ${new URL(tls).host}`)]);
    });

    test("the quota is asked for through the same proxy", async () => {
      vi.stubEnv("https_proxy", proxy);
      vi.stubEnv("AWS_CA_BUNDLE", join(folder, "cert.pem"));
      const account = await openAccount({ region: "us-east-1", endpoint: tls });
      expect(await ec2Quota(account, "L-1")).toEqual({ code: "L-1", name: "vCPUs", value: 5 });
      expect(asked()).toEqual([expect.stringContaining(`CONNECT ${new URL(tls).host}`)]);
    });

    test("a plain request goes through HTTP_PROXY, and not through HTTPS_PROXY", async () => {
      vi.stubEnv("HTTPS_PROXY", "http://127.0.0.1:1");
      vi.stubEnv("HTTP_PROXY", proxy);
      expect(await subnets(plain)).toEqual(["subnet-1"]);
      expect(asked()).toEqual([expect.stringContaining(`POST ${plain}/`)]);
    });

    test("the launching call of a boot goes through it too, and its record says so", async () => {
      vi.stubEnv("HTTP_PROXY", proxy);
      const account = await openAccount({ region: "us-east-1", endpoint: plain });
      const { launching, describing } = bootClients(account);
      for (const client of [launching, describing]) await client.send(new account.sdk.DescribeSubnetsCommand({}));
      expect(asked().map((line) => line.includes(`POST ${plain}/`))).toEqual([true, true]);
      expect(connectionDescription(account)).toMatch(/^through the proxy/);
    });

    test("what NO_PROXY names is asked directly", async () => {
      vi.stubEnv("HTTPS_PROXY", proxy);
      vi.stubEnv("NO_PROXY", "example.com,localhost");
      vi.stubEnv("AWS_CA_BUNDLE", join(folder, "cert.pem"));
      expect(await subnets(tls)).toEqual(["subnet-1"]);
      expect(asked()).toEqual([]);
    });

    test("a proxy without a scheme is a plain one, and gets the name and password that its address bears", async () => {
      vi.stubEnv("HTTPS_PROXY", `someone:s3cret@${guarded}`);
      vi.stubEnv("AWS_CA_BUNDLE", join(folder, "cert.pem"));
      expect(await subnets(tls)).toEqual(["subnet-1"]);
      expect(asked()).toHaveLength(1);
    });

    test("AWS_CA_BUNDLE serves without a proxy too, and without it the server is not believed", async () => {
      await expect(subnets(tls)).rejects.toThrow("self-signed certificate");
      vi.stubEnv("AWS_CA_BUNDLE", join(folder, "cert.pem"));
      expect(await subnets(tls)).toEqual(["subnet-1"]);
    });

    test("the sandbox is never reached through a proxy", async () => {
      vi.stubEnv("HTTP_PROXY", proxy);
      const credentials = { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "example" };
      const account = await openAccount({ region: "us-east-1", endpoint: plain, credentials });
      await account.ec2.send(new account.sdk.DescribeSubnetsCommand({}));
      expect(asked()).toEqual([]);
      account.ec2.destroy();
    });
  },
);

test.each([
  [
    "HTTPS_PROXY",
    "socks5://someone:s3cret@proxy.example",
    "HTTPS_PROXY: expected an address such as http://proxy.example:3128",
  ],
  ["http_proxy", "http://some one:s3cret@", "http_proxy: expected an address such as http://proxy.example:3128"],
  ["AWS_CA_BUNDLE", "/nowhere/ca.pem", 'AWS_CA_BUNDLE: "/nowhere/ca.pem": cannot be read (ENOENT)'],
  ["AWS_CA_BUNDLE", "/dev/zero", 'AWS_CA_BUNDLE: "/dev/zero": expected a plain file, found something else'],
  ["AWS_CA_BUNDLE", "/etc/hostname", 'AWS_CA_BUNDLE: expected certificates in PEM form, found none in "/etc/hostname"'],
])("%s of %s is refused before anything is asked, and no password is printed", async (name, value, message) => {
  vi.stubEnv(name, value);
  try {
    const error = await openAccount({ region: "us-east-1" }).then(
      () => undefined,
      (cause: Error) => cause,
    );
    expect(error).toMatchObject({ code: "USAGE" });
    expect(error?.message).toContain(message);
    expect(error?.message).not.toContain("s3cret");
  } finally {
    vi.unstubAllEnvs();
  }
});
