#!/bin/sh
case ${TT_ROW} in
wrong) echo 'digest=666'; echo 'expected another digest' >&2; exit 1 ;;
signals) read -r _ ignored <"${TT_STEP_DIR}/out"; echo "reported.ignored=${ignored}" ;;
many)
	i=0
	while [ "${i}" -lt 400 ]; do
		i=$((i + 1))
		printf 'reported.n%s="""""\\\\\\\\\\%0300d\n' "${i}" 0
	done
	;;
endless) tr '\0' x </dev/zero | head -c 30000000 ;;
esac
echo work_id=1
