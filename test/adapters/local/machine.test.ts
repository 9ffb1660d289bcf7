import { afterAll } from "vitest";
import { localMachine } from "../../support/local-agent.ts";
import { transportContract } from "../../support/transport-contract.ts";

const machine = localMachine();
afterAll(machine.remove);

transportContract("this machine", () => ({
  transport: machine.transport,
  address: machine.address,
}));
