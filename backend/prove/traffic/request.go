package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"
)

// Request is one run: the same flows from its beginning to its end.
type Request struct {
	// Receive is the interface that frames arrive at.
	Receive string `json:"receive"`
	// Beside are other interfaces at which it is counted how many packets of each flow arrive.
	Beside []string `json:"beside"`
	// WarmupMs passes before anything counts: bursts are spent and queues are full then.
	WarmupMs int `json:"warmupMs"`
	// WindowMs is what is measured.
	WindowMs int `json:"windowMs"`
	// Whole runs end when nothing more arrives of what was sent; others with the window.
	Whole bool `json:"whole"`
	// BucketMs is the length of an entry of a flow's time series.
	BucketMs int    `json:"bucketMs"`
	Flows    []Flow `json:"flows"`
}

// Flow is one stream of equal frames at a constant rate.
type Flow struct {
	// Device is the interface that its frames leave by.
	Device string `json:"device"`
	// Head is the beginning of the frame in hexadecimal digits; zeros follow.
	Head string `json:"head"`
	// Length of the frame in bytes, without its checksum.
	Length int `json:"length"`
	// Network is the offset of the network header.
	Network int `json:"network"`
	// Stamp is the offset of the stamp behind it.
	Stamp int `json:"stamp"`
	// Rate in bit/s at layer 2.
	Rate float64 `json:"rate"`
	// Mark is the fwmark of its packets.
	Mark uint32 `json:"mark"`
	// Priority is that of the kernel, which an interface of a VLAN writes into the tag.
	Priority int `json:"priority"`
	// Look for packets that arrive with such a fwmark; without it they are not counted.
	Look *Masked `json:"look"`
}

// Masked are the bits of a mark that count.
type Masked struct {
	Value uint32 `json:"value"`
	Mask  uint32 `json:"mask"`
}

const (
	mostFlows  = 1024
	mostLength = 9018
	// The kernel's own longest, and far more than any proof takes.
	longest = 10 * time.Minute
)

func readRequest(from io.Reader) (Request, error) {
	var request Request
	decoder := json.NewDecoder(from)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&request); err != nil {
		return request, fmt.Errorf("the request is not what this program reads: %w", err)
	}
	return request, request.check()
}

func (r Request) check() error {
	switch {
	case r.Receive == "":
		return fmt.Errorf("the request names no receiving interface")
	case len(r.Flows) == 0 || len(r.Flows) > mostFlows:
		return fmt.Errorf("the request has %d flows; 1 to %d can be driven at once", len(r.Flows), mostFlows)
	case r.WarmupMs < 0 || r.WindowMs < 1 || r.length() > longest:
		return fmt.Errorf("a run of %d ms after %d ms is out of bounds", r.WindowMs, r.WarmupMs)
	case r.BucketMs < 1:
		return fmt.Errorf("a bucket of %d ms holds nothing", r.BucketMs)
	}
	for index, flow := range r.Flows {
		if _, err := flow.frame(); err != nil {
			return fmt.Errorf("flow %d: %w", index, err)
		}
	}
	return nil
}

func (r Request) length() time.Duration {
	return time.Duration(r.WarmupMs+r.WindowMs) * time.Millisecond
}

// stamps are the places where they stand, each once.
func (r Request) stamps() []int {
	var places []int
	for _, flow := range r.Flows {
		if !slices.Contains(places, flow.Stamp) {
			places = append(places, flow.Stamp)
		}
	}
	return places
}

func (f Flow) frame() ([]byte, error) {
	head, err := hex.DecodeString(f.Head)
	if err != nil {
		return nil, fmt.Errorf("its frame is not hexadecimal: %w", err)
	}
	if f.Rate < 0 || f.Network < 14 || len(head) > f.Length || f.Length > mostLength || f.Stamp < 0 || f.Length < f.Network+f.Stamp+stampLength {
		return nil, fmt.Errorf("a frame of %d bytes with %d given and its network header at %d cannot be sent", f.Length, len(head), f.Network)
	}
	return append(head, make([]byte, f.Length-len(head))...), nil
}
