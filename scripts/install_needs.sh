#!/bin/sh
# Installs what the tests call that Go does not bring, for "make test". Arguments: command:Debian-package. Nothing happens
# if all commands are there.
set -eu

missing='' quiet=''
# Debian has daemons there, and not everybody looks; and it keeps PostgreSQL's commands out of PATH.
PATH=$PATH:/usr/sbin$(printf ":%s" /usr/lib/postgresql/*/bin)
for need; do
  command -v "${need%%:*}" >/dev/null && continue
  missing="$missing ${need##*:}"
  case $need in
    nginx:* | haproxy:* | initdb:*) quiet="$quiet ${need##*:}" ;;
  esac
done
[ -n "$missing" ] || exit 0

cannot() {
  echo "the tests need$missing: $*" >&2
  exit 1
}
command -v apt-get >/dev/null || cannot "there is no apt-get here, so install them your way"
if [ "$(id -u)" = 0 ]; then
  sudo=''
elif command -v sudo >/dev/null; then
  sudo=sudo
else
  cannot "install them (apt-get install$missing), which takes root"
fi

# The tests start their proxies and databases themselves. Debian would start one for the host, too, now and with each boot.
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
