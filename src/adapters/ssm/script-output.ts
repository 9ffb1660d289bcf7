// What of a command's streams is its script's own.
//
// The SSM agent writes why a script failed to the end of standard error, with no line break before it, and the service
// then keeps 8,000 characters: amazon-ssm-agent 3.3.0.0, agent/plugins/runscript, and reference/ssm-agent-3.3.0.0.json.

const errorLimit = 8_000;
const agentWords = /failed to run commands: (exit status \d+|signal: [a-z0-9/ ]+)$/;
const wordsBegin = "failed to run commands: exit status ";

/** `stderr` without what the agent added, whole or cut by the service. */
export function scriptErrors(stderr: string): string {
  const whole = stderr.replace(agentWords, "");
  if (whole !== stderr || stderr.length < errorLimit) return whole;
  for (let length = wordsBegin.length; length > 0; length--)
    if (stderr.endsWith(wordsBegin.slice(0, length))) return stderr.slice(0, -length);
  return stderr;
}
