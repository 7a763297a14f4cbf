#!/bin/sh
# The sidecar's container is the branch's edge router as well: name its uplink wan0, as the documents do, route the data
# centre through the provider, then become the sidecar.
set -eu
. /opt/clearpath/docker/interface.sh

uplink=$(interface_of 10.77.1.2)
if [ "$uplink" != wan0 ]; then
  # An interface that is up could not be renamed before Linux 6.2.
  ip link set dev "$uplink" down
  ip link set dev "$uplink" name wan0
fi
# A real line carries packets of at most its MTU; veth would carry 64 KiB segments, 27 ms each at 19 Mbit/s.
ip link set dev wan0 gso_max_segs 1
ip link set dev wan0 up
ip route replace 10.77.2.0/24 via 10.77.1.1
exec "$@"
