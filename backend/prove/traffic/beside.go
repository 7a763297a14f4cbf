package main

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// counter says how many packets of each flow arrive at an interface beside the link.
type counter struct {
	ring    *ring
	stamps  []int
	packets []int
}

func newCounter(name string, request Request) (counter, error) {
	ring, err := openRing(name)
	if err != nil {
		return counter{}, err
	}
	// Flows may leave by it as well: only what arrives is counted.
	if err := unix.SetsockoptInt(ring.socket, unix.SOL_PACKET, unix.PACKET_IGNORE_OUTGOING, 1); err != nil {
		return counter{}, fmt.Errorf("%s cannot be listened at for what arrives alone: %w", name, err)
	}
	return counter{ring: ring, stamps: request.stamps(), packets: make([]int, len(request.Flows))}, nil
}

func (c counter) take(arrived packet) {
	if mark, ours := findStamp(arrived.network, c.stamps); ours && int(mark.flow) < len(c.packets) {
		c.packets[mark.flow]++
	}
}
