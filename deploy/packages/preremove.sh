#!/bin/sh
# Before a removal, which Debian calls "remove" and an rpm 0. An upgrade ("upgrade", 1) leaves the service running.
set -e
case $1 in
  remove | 0)
    if [ -d /run/systemd/system ]; then
      systemctl disable --now momentum.service || true
    fi
    ;;
esac
