#!/usr/bin/env bash
# Checks a running Momentum server from outside: the admin endpoints, a conversation, clean-up, refused tokens, and short
# performance runs. Prints each result. Exits with 1 if a check failed, with 2 if it could not begin. Do not use it on a
# server with real users: two test users join, and a system message goes to everybody.
set -u

usage() {
  cat <<'TEXT'
usage: scripts/test_websocket.sh [flags]

  --server-url URL     the admin endpoints              (SERVER_URL, http://127.0.0.1:8000)
  --ws-url URL         the WebSocket endpoint           (WS_URL, ws://127.0.0.1:8000/ws)
  --jwt-secret SECRET  the server's secret for tokens   (JWT_SECRET; prefer the variable: other users of the host
                       can read flags)
  --skip-performance   no performance runs              (SKIP_PERFORMANCE=true)
  --help

The variable ADMIN_TOKEN is used for the admin calls. A flag wins over its variable. If the server looks users up, set its
DATABASE_URL too: the test users are added, and deactivated at the end, and the performance runs are skipped.
TEXT
}

SERVER_URL=${SERVER_URL:-http://127.0.0.1:8000}
WS_URL=${WS_URL:-ws://127.0.0.1:8000/ws}
JWT_SECRET=${JWT_SECRET:-}
ADMIN_TOKEN=${ADMIN_TOKEN:-}
database=${DATABASE_URL:-}${DATABASE_URL_FILE:-}
case ${SKIP_PERFORMANCE:-} in
  '' | 0 | false | no | off) skip_performance=no ;;
  *) skip_performance=yes ;;
esac

# cannot prints why the checks cannot begin, and exits.
cannot() {
  echo "test_websocket.sh: $*" >&2
  exit 2
}

while [ $# -gt 0 ]; do
  case $1 in
    --skip-performance) skip_performance=yes ;;
    --server-url | --ws-url | --jwt-secret)
      [ $# -ge 2 ] || cannot "$1 needs a value; --help lists the flags"
      case $1 in
        --server-url) SERVER_URL=$2 ;;
        --ws-url) WS_URL=$2 ;;
        --jwt-secret) JWT_SECRET=$2 ;;
      esac
      shift
      ;;
    --server-url=*) SERVER_URL=${1#*=} ;;
    --ws-url=*) WS_URL=${1#*=} ;;
    --jwt-secret=*) JWT_SECRET=${1#*=} ;;
    --help | -h) usage && exit 0 ;;
    *) cannot "there is no flag $1; --help lists them" ;;
  esac
  shift
done

bin=$(cd "$(dirname "$0")/.." && pwd)/bin
for tool in momentum websocket_client websocket_stress_test; do
  [ -x "$bin/$tool" ] || cannot "there is no $bin/$tool: run \"make build\" first"
done
command -v curl >/dev/null || cannot "this needs curl: install it"
[ -n "$JWT_SECRET" ] || cannot "the server's JWT_SECRET is needed to sign tokens with: set the variable"
export JWT_SECRET
SERVER_URL=${SERVER_URL%/}
HTTP_URL=http${WS_URL#ws} # a handshake is an HTTP request

# All files of the checks are in one folder, which is deleted at the end.
work=$(mktemp -d) || cannot "no temporary folder can be made"
listener='' # the process of the client that listens
added=''   # the test users that were added to the database
# shellcheck disable=SC2317 # the trap calls it
tidy_up() {
  [ -z "$listener" ] || kill "$listener" 2>/dev/null
  for name in $added; do "$bin/momentum" users deactivate "$name" >/dev/null; done
  rm -rf "$work"
}
trap tidy_up EXIT
trap 'exit 130' INT TERM
umask 077
: >"$work/admin" # headers of admin calls; in a file, because other users of the host can read arguments
[ -z "$ADMIN_TOKEN" ] || printf 'Authorization: Bearer %s\n' "$ADMIN_TOKEN" >"$work/admin"

passed=0 failed=0 skipped=0

# check NAME COMMAND... counts whether the command succeeds, and prints its output if it fails.
check() {
  local name=$1
  shift
  if "$@" >"$work/said" 2>&1; then
    passed=$((passed + 1))
    echo "  ok    $name"
  else
    failed=$((failed + 1))
    echo "  FAIL  $name"
    head -c 2000 "$work/said" | sed 's/^/        /'
  fi
}

# soon COMMAND... repeats the command until it succeeds, for ten seconds.
soon() {
  local tries=0
  until "$@"; do
    tries=$((tries + 1))
    [ $tries -lt 100 ] || return 1
    sleep 0.1
  done
}

# contains FILE WHAT
contains() { grep -qF -e "$2" "$1" 2>/dev/null; }

gone() { ! kill -0 "$listener" 2>/dev/null; }
printed_or_gone() { contains "$1" "$2" || gone; }

# hears FILE WHAT waits until a client has printed a text, or the listening client has ended.
hears() {
  soon printed_or_gone "$1" "$2"
  contains "$1" "$2" && return
  echo "\"$2\" did not arrive. These lines did:"
  cat "$1"
  return 1
}

# call STATUS METHOD PATH [BODY] makes an admin call, prints the answer, and fails if its status is another one.
call() {
  local want=$1 method=$2 path=$3 status
  local arguments=(--silent --show-error --max-time 10 --request "$method" --header "@$work/admin")
  [ $# -lt 4 ] || arguments+=(--header 'Content-Type: application/json' --data "$4")
  status=$(curl "${arguments[@]}" --output "$work/answer" --write-out '%{http_code}' "$SERVER_URL$path") || return 1
  echo "$method $SERVER_URL$path: $status $(cat "$work/answer")"
  [ "$status" = "$want" ]
}

# answered FIELD... fails if the last answer lacks one of the fields.
answered() {
  local field
  for field in "$@"; do
    grep -qE -e "$field" "$work/answer" || {
      echo "no $field in: $(cat "$work/answer")"
      return 1
    }
  done
}

# handshake URL STATUS CODE [TOKEN] requests an upgrade and fails unless it is refused with the status and the code. Without a
# code, a proxy may have refused it.
handshake() {
  local url=$1 want=$2 code=$3 status
  : >"$work/token"
  [ $# -lt 4 ] || printf 'Authorization: Bearer %s\n' "$4" >"$work/token"
  : >"$work/answer"
  status=$(curl --silent --show-error --http1.1 --max-time 3 --header "@$work/token" \
    --header 'Connection: Upgrade' --header 'Upgrade: websocket' --header 'Sec-WebSocket-Version: 13' \
    --header 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' \
    --output "$work/answer" --write-out '%{http_code}' "$url")
  echo "answered with ${status:-nothing} $(head -c 500 "$work/answer" | tr -d '\0'), want $want $code"
  [ "$status" = "$want" ] && { [ -z "$code" ] || contains "$work/answer" "\"error\":\"$code\""; }
}

base64url() { base64 -w 0 | tr '+/' '-_' | tr -d '='; }

# hex prints standard input as two digits a byte. bytes is the inverse.
hex() { od -An -v -tx1 | tr -d ' \n'; }
bytes() { printf '%b' "$(sed 's/../\\x&/g')"; }

# masked KEY BYTE prints a key in hex, each byte XORed with BYTE.
masked() {
  local i
  for ((i = 0; i < ${#1}; i += 2)); do printf '%02x' $((0x${1:i:2} ^ $2)); done
}

# signature prints the HMAC-SHA256 (RFC 2104) of standard input with JWT_SECRET, in base64url. openssl would need the secret as
# an argument, which other users of the host can read.
signature() {
  local key inner
  key=$(printf '%s' "$JWT_SECRET" | hex)
  [ ${#key} -le 128 ] || key=$(printf '%s' "$JWT_SECRET" | sha256sum | cut -c 1-64)
  while [ ${#key} -lt 128 ]; do key+=00; done
  inner=$({ masked "$key" 0x36 | bytes && cat; } | sha256sum | cut -c 1-64)
  { masked "$key" 0x5c && printf '%s' "$inner"; } | bytes | sha256sum | cut -c 1-64 | bytes | base64url
}

# token_until SECONDS signs a token that expires in a number of seconds.
token_until() {
  local now body
  now=$(date +%s)
  body=$(printf '{"alg":"HS256","typ":"JWT"}' | base64url).$(printf '{"sub":"%s","username":"check","email":"%s","iat":%d,"exp":%d}' \
    "$alice_id" "$alice" $((now - 86400)) $((now + $1)) | base64url)
  printf '%s.%s' "$body" "$(printf '%s' "$body" | signature)"
}

# subject reads a token and prints its user id.
subject() {
  local payload
  payload=$(cut -d . -f 2 | tr -- '-_' '+/')
  while [ $((${#payload} % 4)) -ne 0 ]; do payload+='='; done
  printf '%s' "$payload" | base64 -d | sed -n 's/.*"sub":"\([^"]*\)".*/\1/p'
}

# speak LINE... connects alice, sends the lines and disconnects.
speak() {
  printf '%s\n' "$@" | timeout 20 "$bin/websocket_client" --url "$WS_URL" --username "$alice_name" --email "$alice" --no-auto-ping \
    >"$work/alice.out" 2>&1
  local code=$?
  cat "$work/alice.out"
  return $code
}

run=$(tr -d - </proc/sys/kernel/random/uuid | cut -c 1-12) # makes the users and messages of this run unique
alice_name=check-a-$run bob_name=check-b-$run
if [ -n "$database" ]; then # users stay in a database for good: the same ones in each run
  alice_name=check-a bob_name=check-b
fi
alice=$alice_name@example.com bob=$bob_name@example.com
alice_id=$("$bin/momentum" token --username "$alice_name" --email "$alice" | subject)
bob_id=$("$bin/momentum" token --username "$bob_name" --email "$bob" | subject)
[ ${#alice_id}${#bob_id} = 3636 ] || cannot "\"momentum token\" signs no token with this secret"

for name in ${database:+"$alice_name" "$bob_name"}; do
  "$bin/momentum" users activate "$name@example.com" >/dev/null 2>&1 ||
    "$bin/momentum" users add --username "$name" --email "$name@example.com" >/dev/null || cannot "the test users could not be added to the database"
  added="$added $name@example.com"
done

echo "Momentum at $WS_URL, administration at $SERVER_URL"

echo "Administration"
stats() { call 200 GET /ws/stats && answered '"total_connections":[0-9]' '"unique_users":[0-9]' '"server_uptime":[0-9]'; }
check "GET /ws/stats" stats
online() { call 200 GET /ws/online && answered '"count":[0-9]' '"users":\['; }
check "GET /ws/online" online
check "POST /ws/broadcast without a message_type is refused" call 400 POST /ws/broadcast '{"data":{}}'
check "POST /ws/send to a user who is not online: 404" call 404 POST /ws/send "{\"to_user_id\":\"$alice_id\",\"message_type\":\"notification\",\"data\":{}}"
check "GET /ws/nothing is not found" call 404 GET /ws/nothing

echo "A conversation"
trap '' PIPE # the listener may have ended when a line is written to it
mkfifo "$work/bob.in"
"$bin/websocket_client" --url "$WS_URL" --username "$bob_name" --email "$bob" <"$work/bob.in" >"$work/bob.out" 2>"$work/bob.err" &
listener=$!
exec 3>"$work/bob.in"
connected() {
  soon printed_or_gone "$work/bob.err" Connected
  cat "$work/bob.err"
  contains "$work/bob.err" Connected
}
check "a client connects" connected
greet() { speak "text hello $run" && hears "$work/bob.out" "hello $run"; }
check "another client's text arrives" greet
own() { contains "$work/alice.out" Connected && ! contains "$work/alice.out" "hello $run"; }
check "but not at its sender" own
from_alice() { contains "$work/bob.out" "text from $alice_id: hello $run"; }
check "and under its sender's id" from_alice
notify() { speak "notification noon $run" && hears "$work/bob.out" "noon $run"; }
check "a notification arrives" notify
whisper() {
  speak "json {\"message_type\":\"text\",\"to_user_id\":\"$bob_id\",\"data\":{\"content\":\"whisper $run\"}}" && hears "$work/bob.out" "whisper $run"
}
check "a message for one user arrives" whisper
ping() { speak "json {\"id\":\"ping-$run\",\"message_type\":\"ping\",\"data\":{}}" && hears "$work/alice.out" "ping-$run"; }
check "a ping is answered with its id" ping
misuse() { speak 'json {"message_type":"system_message","data":{}}' && hears "$work/alice.out" not_allowed; }
check "a client may send no system_message" misuse
bob_online() { call 200 GET "/ws/online?limit=10000" && answered "\"user_id\":\"$bob_id\""; }
check "GET /ws/online lists the client" bob_online
broadcast() {
  call 200 POST /ws/broadcast "{\"message_type\":\"system_message\",\"data\":{\"content\":\"all $run\"}}" && answered '"success":true' &&
    hears "$work/bob.out" "all $run"
}
check "POST /ws/broadcast arrives" broadcast
send() {
  call 200 POST /ws/send "{\"to_user_id\":\"$bob_id\",\"message_type\":\"notification\",\"data\":{\"content\":\"one $run\"}}" &&
    answered '"success":true' && hears "$work/bob.out" "one $run"
}
check "POST /ws/send arrives" send

echo "Clean-up"
cleanup() { call 200 POST /ws/cleanup '{}' && answered '"cleaned_connections":[0-9]' '"remaining_connections":[1-9]'; }
check "POST /ws/cleanup counts" cleanup
# say_to_bob LINE types a line at the listener's prompt, unless the listener has ended.
say_to_bob() { ! gone && echo "$1" >&3; }
survives() { say_to_bob "json {\"id\":\"alive-$run\",\"message_type\":\"ping\",\"data\":{}}" && hears "$work/bob.out" "alive-$run"; }
check "and keeps a client that is alive" survives
leaves() {
  say_to_bob quit || { echo "the client had ended already" && return 1; }
  wait "$listener"
}
check "the client leaves" leaves
listener=''
exec 3>&-
bob_offline() { ! bob_online; }
bob_gone() { soon bob_offline && call 200 GET /ws/online; }
check "and is no longer online" bob_gone

echo "Refusals"
check "no token: 401" handshake "$HTTP_URL" 401 token_missing
check "a malformed token: 401" handshake "$HTTP_URL" 401 token_malformed not.a.token
check "an expired token: 401" handshake "$HTTP_URL" 401 token_expired "$(token_until -3600)"
good_until() { timeout 20 "$bin/websocket_client" --url "$WS_URL" --token "$(token_until 600)" --benchmark --messages 1; }
check "the same, not expired, connects" good_until
stranger=$(JWT_SECRET="not $JWT_SECRET" "$bin/momentum" token --username "$alice_name" --email "$alice")
check "a token signed with another secret: 401" handshake "$HTTP_URL" 401 token_signature "$stranger"
unsigned=$(printf '{"alg":"none"}' | base64url).$(printf '{"sub":"%s","username":"check","exp":9999999999}' "$alice_id" | base64url).
check "a token with no signature: 401" handshake "$HTTP_URL" 401 token_algorithm "$unsigned"
told_why() {
  local code
  timeout 20 "$bin/websocket_client" --url "$WS_URL" --token "$stranger" </dev/null >"$work/eve" 2>&1
  code=$?
  cat "$work/eve"
  [ $code -ne 0 ] && contains "$work/eve" 'Failed to connect' && contains "$work/eve" 401
}
check "a refused client is told why" told_why
check "a wrong path: 404" handshake "${HTTP_URL%%\?*}-nowhere" 404 '' "$(token_until 600)"

# perform NAME FLAG... runs the stress tool.
perform() {
  local name=$1 code
  shift
  timeout 120 "$bin/websocket_stress_test" --url "$WS_URL" "$@" >"$work/performance" 2>"$work/complaint"
  code=$?
  cat "$work/performance"
  [ $code = 0 ] || tail -n 3 "$work/complaint" # without the progress lines before it
  check "$name" [ $code = 0 ]
}

if [ $skip_performance = no ]; then
  echo "Performance"
  if [ -n "$database" ]; then
    skipped=3
    skip_performance=yes
    echo "  skip  all: the stress tool's users are not in the database"
  fi
  case $WS_URL in
    wss://*)
      skipped=3
      skip_performance=yes
      echo "  skip  all: the stress tool supports ws:// only; run it against the server behind the proxy"
      ;;
  esac
fi
if [ $skip_performance = no ]; then
  perform "a storm of 200 connections" --test-type storm --connections 200 --max-concurrent 20 --duration 20
  perform "20 connections with 50 messages each" --test-type throughput --connections 20 --messages 50 --message-interval 50 --duration 20
  perform "20 connections that talk for 5 seconds" --test-type sustained --connections 20 --duration 5
fi

echo
[ $skipped = 0 ] || echo "$skipped skipped"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
