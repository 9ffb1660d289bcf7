# Debian's awscli in one process: each line of standard input is a call's words in JSON, each line of output what came of it.

import contextlib
import io
import json
import sys
import time

import awscli.clidriver

# The sandbox's time runs faster: so do the pauses between a waiter's looks, which are 15 s.
pause = time.sleep
time.sleep = lambda seconds: pause(seconds / 20)
driver = awscli.clidriver.create_clidriver()
replies = sys.stdout
for line in sys.stdin:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = driver.main(json.loads(line))
        except SystemExit as left:
            status = left.code
    print(json.dumps({"status": status, "out": out.getvalue(), "err": err.getvalue()}), file=replies, flush=True)
