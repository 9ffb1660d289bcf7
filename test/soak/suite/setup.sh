#!/bin/sh
set -eu
echo driver.awk=awk
