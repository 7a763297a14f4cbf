# Sourced: which interface carries an address. Docker numbers eth0, eth1, … by an order that is its own affair.
interface_of() {
  set -- "$1" $(ip -oneline -4 address show to "$1")
  if [ $# -lt 3 ]; then
    echo "No interface has the address $1. Nothing was configured. Check the networks in docker-compose.yaml." >&2
    exit 1
  fi
  echo "$3"
}
