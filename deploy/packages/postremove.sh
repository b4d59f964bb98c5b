#!/bin/sh
# After a removal. Debian deletes /etc/momentum/momentum.env itself when the package is purged, and the folder if it is empty then.
set -e
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload || true
fi
