#!/bin/sh
# After an installation or an upgrade. The service is neither enabled nor started: it has no secret yet. An upgrade does not restart
# it, because that ends all connections: the operator chooses the time (docs/OPERATIONS.md, Restart).
set -e
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload || true
fi
