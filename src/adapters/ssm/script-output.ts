// Separates the script's own output from what the SSM agent added.
//
// The SSM agent appends the reason of a failure to standard error, without a line break before it. The service then
// keeps 8,000 characters: amazon-ssm-agent 3.3.0.0, agent/plugins/runscript, and reference/ssm-agent-3.3.0.0.json.

const errorLimit = 8_000;
const agentWords = /failed to run commands: (exit status \d+|signal: [a-z0-9/ ]+)$/;
const agentTextStart = "failed to run commands: exit status ";

/** Returns `stderr` without what the agent added, be that whole or cut off by the service. */
export function scriptErrors(stderr: string): string {
  const whole = stderr.replace(agentWords, "");
  if (whole !== stderr || stderr.length < errorLimit) return whole;
  for (let length = agentTextStart.length; length > 0; length--)
    if (stderr.endsWith(agentTextStart.slice(0, length))) return stderr.slice(0, -length);
  return stderr;
}
