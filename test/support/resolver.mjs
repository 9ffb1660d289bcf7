// A stand-in for the resolver of a client's computer, loaded into the client by NODE_OPTIONS=--import: the sandbox's endpoint
// has a name here, which leads to 127.0.0.1, and nowhere while the file TIMETRIAL_TEST_NO_NAMES is there: it gets a dot for
// each lookup that failed. Connections that are open when it appears are cut, as where a computer changes its network.
//
// The client's own words are unchanged: getaddrinfo's error is what node:net makes of a lookup that fails.

import { Agent } from "node:http";
import { createConnection } from "node:net";
import { appendFileSync, existsSync } from "node:fs";

const file = process.env.TIMETRIAL_TEST_NO_NAMES;
// The sandbox that this client starts, and its machines, have the computer's own resolver.
delete process.env.NODE_OPTIONS;
delete process.env.TIMETRIAL_TEST_NO_NAMES;

const isFailing = () => existsSync(file);

function lookup(name, { all }, done) {
  if (isFailing()) {
    appendFileSync(file, ".");
    const error = Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), {
      errno: -3008,
      code: "ENOTFOUND",
      syscall: "getaddrinfo",
      hostname: name,
    });
    process.nextTick(done, error);
  } else if (all) process.nextTick(done, null, [{ address: "127.0.0.1", family: 4 }]);
  else process.nextTick(done, null, "127.0.0.1", 4);
}

if (file !== undefined) {
  const open = new Set();
  Agent.prototype.createConnection = (options, done) => {
    const socket = createConnection({ ...options, host: "sandbox.test", lookup }, done);
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    return socket;
  };
  setInterval(() => {
    if (isFailing()) for (const socket of open) socket.destroy();
  }, 20).unref();
}
