// Loaded by `node --import`: Node as it is on the system that OTHER_SYSTEM names: its name, and no /proc or /sys to read.

import fs from "node:fs";
import os from "node:os";

const system = process.env["OTHER_SYSTEM"];
Object.defineProperty(process, "platform", { value: system });
os.platform = () => system;

function hide(from, name, refuse) {
  const real = from[name];
  from[name] = Object.assign((path, ...rest) => {
    if (typeof path !== "string" || !/^\/(proc|sys)(\/|$)/.test(path)) return real(path, ...rest);
    return refuse(Object.assign(new Error(`ENOENT: no such file or directory, '${path}'`), { code: "ENOENT", path }));
  }, real);
}

for (const name of ["access", "lstat", "open", "readFile", "readdir", "readlink", "realpath", "stat"]) {
  hide(fs.promises, name, (error) => Promise.reject(error));
  hide(fs, `${name}Sync`, (error) => {
    throw error;
  });
}
hide(fs, "existsSync", () => false);
