#!/usr/bin/env node
// The first file that Node reads, in words that the oldest Node parses: it says which Node is needed, or starts the program.
"use strict";

var version = process.versions.node.split(".");
var isTooOld = Number(version[0]) < 20 || (Number(version[0]) === 20 && Number(version[1]) < 19);
if (isTooOld) {
  process.stderr.write("timetrial: needs Node 20.19 or later, this is Node " + process.versions.node + "\n");
  process.exit(2);
}
require("./start.cjs");
