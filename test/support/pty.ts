// The built command line at a terminal of 80 columns: a pty of python3, at which somebody may answer a question.

import { spawnSync } from "node:child_process";

/** Runs the words after the first two in a pty; once QUESTION is seen, if there is one, ANSWER is typed. Its exit status is theirs. */
const answering = `
import fcntl, os, pty, struct, sys, termios
question, answer, words = sys.argv[1].encode(), sys.argv[2].encode(), sys.argv[3:]
pid, fd = pty.fork()
if pid == 0:
    os.execvp(words[0], words)
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
seen = b""
asked = False
while True:
    try:
        data = os.read(fd, 65536)
    except OSError:
        break
    if not data:
        break
    seen += data
    if question and not asked and question in seen:
        asked = True
        os.write(fd, answer + b"\\r")
sys.stdout.buffer.write(seen)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

export const hasPython = spawnSync("python3", ["--version"]).status === 0;

/** `[python3, …]`, to be run in place of `words`. Without a question nothing is typed. */
export function atTerminal(words: readonly string[], question = "", answer = ""): [string, ...string[]] {
  return ["python3", "-c", answering, question, answer, ...words];
}
