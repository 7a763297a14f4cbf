#!/bin/sh
# The provider's hop: holds the way to the data centre at 20 Mbit/s behind one deep first-in-first-out buffer.
set -eu
. /opt/site/interface.sh

toward_data_centre=$(interface_of 10.77.2.1)
for port in "$toward_data_centre" "$(interface_of 10.77.1.1)"; do
  # A real line carries packets of at most its MTU; veth would carry 64 KiB segments.
  ip link set dev "$port" gso_max_segs 1
done
tc qdisc replace dev "$toward_data_centre" root tbf rate 20mbit burst 16kb limit 600kb
exec sleep infinity
