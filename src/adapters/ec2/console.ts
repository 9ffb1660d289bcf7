// An instance's console: the one witness that needs no agent.

import { printable } from "../../domain/printable.ts";
import type { AwsAccount } from "../aws/account.ts";

/** The console's last lines, to go on an error message; empty where there are none to be had. */
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
