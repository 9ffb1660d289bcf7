#!/bin/sh
[ "${TT_ROW}" != unprepared ] || { echo 'nothing to work on' >&2; exit 3; }
