#!/usr/bin/env bash
# The administrator's calls with curl, against a server that is up:
#
#   examples/curl.sh                        # a server on this host
#   ADMIN=https://chat.example ADMIN_TOKEN=... examples/curl.sh
set -euo pipefail

admin=${ADMIN:-http://127.0.0.1:8001}

# call PATH [JSON]: a GET, or a POST of the JSON. If the call is refused, it prints the server's reason and ends the script.
call() {
  local options=(--silent --show-error --fail-with-body --max-time 10)
  if [ -n "${ADMIN_TOKEN:-}" ]; then options+=(--header "Authorization: Bearer $ADMIN_TOKEN"); fi
  if [ $# -gt 1 ]; then options+=(--header "Content-Type: application/json" --data "$2"); fi
  if ! answer=$(curl "${options[@]}" "$admin$1"); then
    echo "$1: $answer" >&2
    exit 1
  fi
  echo "$1: $answer"
}

call /ws/stats
call /ws/broadcast '{"message_type":"system_message","data":{"content":"maintenance at noon"}}'
call /ws/cleanup '{}'
call /ws/online
if [[ $answer =~ \"user_id\":\"([^\"]*)\" ]]; then # the first user online
  call /ws/send "{\"to_user_id\":\"${BASH_REMATCH[1]}\",\"message_type\":\"notification\",\"data\":\"for you alone\"}"
fi
