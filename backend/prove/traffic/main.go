// Command traffic drives flows of Ethernet frames into one end of a link and measures what leaves the other.
// It reads one request as JSON on standard input and writes one report on standard output. Both ends are on this
// machine, so that one clock times a packet's way.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
)

func main() {
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve() error {
	request, err := readRequest(os.Stdin)
	if err != nil {
		return err
	}
	// A collection would stop the sender for longer than a queue at a high rate lasts; what is kept is a few bytes a packet.
	debug.SetGCPercent(-1)
	report, err := drive(request)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(report)
}
