#!/bin/bash
# The data centre: reflects probes and takes the branch's calls, conferences and bulk transfers.
set -euo pipefail
. /opt/site/interface.sh

ip link set dev "$(interface_of 10.77.2.2)" gso_max_segs 1
ip route replace 10.77.1.0/24 via 10.77.2.1

# -i 0: by default the server drops what a queue hands on in one burst, which would look like loss of the path.
irtt server -i 0 -b 10.77.2.2:2112 &
for port in 5201 5202 5203; do
  iperf3 -s -p "$port" -i 0 > /dev/null &
done
# Whichever of them ends first ends the container, which is then started again.
wait -n
exit 1
