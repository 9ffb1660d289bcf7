// Reads the calls of the agent's functions in a script of the client's (src/pipeline/agent/agent-scripts.ts). A simulated
// machine has no shell: what is no such call is not obeyed.

/** A call of one function of `remote/put.sh`: its words, and its standard input where it has one. */
export interface AgentCall {
  readonly verb: "have" | "part" | "join" | "plan" | "agent";
  readonly words: readonly string[];
  readonly input: Buffer;
}

/** Stands at a line's beginning: the library's own lines are functions, their bodies are indented. */
const call = /^tt_(have|part|join|plan|agent) ([^<]*?)( <<'TT_EOF')?$/;

export function agentCalls(script: string): AgentCall[] {
  const lines = script.split("\n");
  const calls: AgentCall[] = [];
  for (let i = 0; i < lines.length; i++) {
    const [, verb, words = "", hasInput] = call.exec(lines[i] as string) ?? [];
    if (verb === undefined) continue;
    const from = i + 1;
    if (hasInput !== undefined) i = lines.indexOf("TT_EOF", from);
    if (i === -1) return [];
    const input = hasInput === undefined ? "" : lines.slice(from, i).join("");
    calls.push({ verb: verb as AgentCall["verb"], words: words.split(" "), input: Buffer.from(input, "base64") });
  }
  return calls;
}
