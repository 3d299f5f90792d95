# Starts the server and outlives whoever asked for it. Each line on stdin is an order and is
# answered with one line. When stdin ends, for whatever reason, the server is stopped.
trap '' HUP INT TERM
cd "$1" || exit 1
server=
echo ready
while read -r order words; do
  case $order in
    run) eval "$words" </dev/null >>log 2>&1; echo "$?" ;;
    serve) eval "exec $words" </dev/null >>log 2>&1 & server=$!; echo "$server" ;;
    wait) wait "$server"; echo "$?"; server= ;;
  esac
done
if [ -n "$server" ]; then
  # What was paused would not hear that it is to quit. Other systems wait five seconds for it.
  kill -s CONT "$server" $(cat "/proc/$server/task/$server/children")
  kill -s QUIT "$server"
  wait "$server"
fi
# A killed server leaves its lock file, which names a segment of shared memory, which would stay.
if [ -f data/postmaster.pid ]; then
  ipcrm -m "$(sed -n '7s/.* //p' data/postmaster.pid)"
fi
