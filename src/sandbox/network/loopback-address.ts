// An address of an instance without root: one of loopback's sixteen million. What is reduced: nobody can be silent
// there, so the kernel refuses from the start; and a port below 1024 cannot be opened by everybody.

import { createServer, type Server } from "node:net";
import { randomInt } from "node:crypto";
import { sharedClock_s } from "./address.ts";
import { type BootAddress } from "./address.ts";

export function openLoopbackAddress(ports: readonly number[], say: (line: string) => void): BootAddress {
  const ipv4 =
    process.platform === "linux" ? `127.${randomInt(1, 255)}.${randomInt(256)}.${randomInt(1, 255)}` : "127.0.0.1";
  const servers: Server[] = [];
  return {
    addresses: { ipv4 },
    refuse: async () => {},
    open: async () => {
      const at_s = sharedClock_s();
      await Promise.all(
        ports.map(
          (port) =>
            new Promise<void>((resolve) => {
              const server = createServer((socket) => {
                socket.on("error", () => {});
                socket.end("SSH-2.0-timetrial_sandbox\r\n");
              });
              servers.push(server);
              server.once("error", (error) => {
                say(`cannot listen on ${ipv4}:${port}: ${error.message}`);
                resolve();
              });
              server.listen({ host: ipv4, port }, resolve);
            }),
        ),
      );
      return at_s;
    },
    end: async () => {
      await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
    },
  };
}
