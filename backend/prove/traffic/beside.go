package main

// counter says how many packets of each flow arrive at an interface beside the link.
type counter struct {
	ring    *ring
	stamps  []int
	packets []int
}

func newCounter(name string, request Request) (counter, error) {
	ring, err := openRing(name)
	return counter{ring: ring, stamps: request.stamps(), packets: make([]int, len(request.Flows))}, err
}

func (c counter) take(arrived packet) {
	if mark, ours := findStamp(arrived.network, c.stamps); ours && int(mark.flow) < len(c.packets) {
		c.packets[mark.flow]++
	}
}
