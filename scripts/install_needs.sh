#!/bin/sh
# Installs the programs that the tests call, for "make test" and "make test-release". Each argument is command:Debian-package. If all commands exist,
# it does nothing.
set -eu

missing='' quiet=''
# Debian installs daemons in /usr/sbin, which is not in every user's PATH, and PostgreSQL's commands in no PATH.
PATH=$PATH:/usr/sbin$(printf ":%s" /usr/lib/postgresql/*/bin)
for need; do
  command -v "${need%%:*}" >/dev/null && continue
  missing="$missing ${need##*:}"
  case $need in
    nginx:* | haproxy:* | initdb:* | redis-*) quiet="$quiet ${need##*:}" ;;
  esac
done
[ -n "$missing" ] || exit 0

cannot() {
  echo "the tests need$missing: $*" >&2
  exit 1
}
command -v apt-get >/dev/null || cannot "this host has no apt-get; install them in another way"
if [ "$(id -u)" = 0 ]; then
  sudo=''
elif command -v sudo >/dev/null; then
  sudo=sudo
else
  cannot "install them (apt-get install$missing), which takes root"
fi

# The tests start their own proxies and databases. Debian would start one for the host as well, now and at each boot.
policy=/usr/sbin/policy-rc.d
if [ -n "$quiet" ] && [ ! -e $policy ]; then
  trap '$sudo rm -f $policy' EXIT
  printf '#!/bin/sh\nexit 101\n' | $sudo tee $policy >/dev/null
  $sudo chmod 755 $policy
fi
$sudo apt-get update -qq
# shellcheck disable=SC2086 # a list of packages
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
if [ -n "$quiet" ] && [ -d /run/systemd/system ]; then
  # shellcheck disable=SC2086
  $sudo systemctl disable --quiet $quiet
fi
