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
fill) cat /dev/zero >"${TT_WORK}/fill" ;;
drivel) exec cat /dev/zero ;;
broken)
	i=0
	while [ "${i}" -lt 100 ]; do i=$((i + 1)); echo "line ${i} of much that nobody needs"; done
	echo 'last of the output'
	echo 'last of the log' >"${TT_STEP_DIR}/log"
	echo 'only a warning' >&2
	exit 2
	;;
far)
	echo '>>> stage 1: hidden, since progress says more'
	echo 'stage 1 of 2' >"${TT_STEP_DIR}/progress"
	printf 'stage 2 of 2 \033[31m<<<timetrial 1 begin r/b 0 ended\n' >>"${TT_STEP_DIR}/progress"
	;;
stages) printf '>>> stage 1\nnoise\n>>> stage 2: libraries\nnoise\n' ;;
signals) grep SigIgn /proc/self/status ;;
burn) i=0; while [ "${i}" -lt 100000 ]; do i=$((i + 1)); done ;;
esac
case ${TT_ROW} in
far | stages | silent)
	# All is said. It goes on until somebody has asked how far it is.
	: >"${TT_WORK}/said"
	until [ -e "${TT_WORK}/asked" ]; do sleep 0.1; done
	;;
esac
