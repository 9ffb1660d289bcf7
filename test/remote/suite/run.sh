#!/bin/sh
# A row is a way to end.
echo "${TT_ROW}" >>"${TT_WORK}/ran"
case ${TT_ROW} in
ok*) ;;
exit*) echo 'it went "wrong"' >&2; exit "${TT_ROW#exit}" ;;
killed) kill -KILL $$ ;;
wrong) echo 'digest 666' ;;
daemon)
	setsid sleep 300 </dev/null >/dev/null 2>&1 &
	echo $! >"${TT_WORK}/daemon.pid"
	;;
late)
	sleep 300 &
	echo $! >"${TT_WORK}/late.pid"
	(trap '' TERM; sleep 300)
	;;
slow)
	sleep "${TT_PARAM_slow_s:-1}" &
	echo $! >"${TT_WORK}/slow.new"
	mv "${TT_WORK}/slow.new" "${TT_WORK}/slow.pid"
	wait $!
	;;
flood) dd if=/dev/zero bs=1048576 count="${TT_PARAM_megabytes}" 2>/dev/null ;;
signals) grep SigIgn /proc/self/status ;;
burn) i=0; while [ "${i}" -lt 200000 ]; do i=$((i + 1)); done ;;
esac
