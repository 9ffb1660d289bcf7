// Loads the command line. Apart from timetrial.cjs, since an old Node does not parse an import().
"use strict";

require("../dist/cli.js");
