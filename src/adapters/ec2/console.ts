// Reads an instance's console, the only witness that needs no agent.

import { printable } from "../../domain/printable.ts";
import type { AwsAccount } from "../aws/account.ts";

/** Returns the console's last lines, to append to an error message; empty if there are none. */
export async function consoleTail(account: AwsAccount, id: string): Promise<string> {
  try {
    const answer = await account.ec2.send(new account.sdk.GetConsoleOutputCommand({ InstanceId: id }));
    const text = Buffer.from(answer.Output ?? "", "base64")
      .toString()
      .trim();
    if (text === "") return "";
    const lines = text.split("\n").slice(-5).map(printable);
    return `; its console ends with:\n  ${lines.join("\n  ")}`;
  } catch {
    return "";
  }
}
