package main

import (
	"fmt"
	"net"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// Between two looks at what has come due: less than a full frame's time at 40 Mbit/s.
	tick = 250 * time.Microsecond
	// What has been due for longer is left out: sent late and at once it would be a burst that nobody asked for.
	mostBehind = 20 * time.Millisecond
	// A pause longer than this is one that the machine made.
	stallFrom = 2 * time.Millisecond
	// Room for what waits in the flow's queue, so that the queue and not the socket decides what is dropped.
	sendBuffer = 64 << 20
)

// Sent is what a flow handed to the kernel.
type Sent struct {
	// Packets tried; what the queue refused is among them.
	Packets int `json:"packets"`
	// Refused by the queueing discipline, which was full.
	Refused int `json:"refused"`
	// Held back since the socket had no more room.
	Held int `json:"held"`
	// Skipped since the machine was late.
	Skipped int `json:"skipped"`
}

type sender struct {
	index    uint32
	socket   int
	to       unix.SockaddrLinklayer
	frame    []byte
	stamp    []byte
	interval float64 // nanoseconds between two packets
	due      int     // packets that have come due so far
	sent     Sent
}

func newSender(index int, flow Flow) (*sender, error) {
	frame, err := flow.frame()
	if err != nil {
		return nil, err
	}
	device, err := net.InterfaceByName(flow.Device)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flow.Device, err)
	}
	// Protocol 0: it sends and receives nothing.
	socket, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("a packet socket cannot be opened: %w", err)
	}
	options := []struct{ level, name, value int }{
		{unix.SOL_SOCKET, unix.SO_SNDBUFFORCE, sendBuffer},
		{unix.SOL_SOCKET, unix.SO_MARK, int(flow.Mark)},
		{unix.SOL_SOCKET, unix.SO_PRIORITY, flow.Priority},
	}
	for _, option := range options {
		if err := unix.SetsockoptInt(socket, option.level, option.name, option.value); err != nil {
			return nil, fmt.Errorf("the sending socket refuses option %d: %w", option.name, err)
		}
	}
	at := flow.Network + flow.Stamp
	return &sender{
		index: uint32(index), socket: socket, frame: frame, stamp: frame[at : at+stampLength],
		// ETH_P_ALL: the kernel reads the protocol from the frame.
		to:       unix.SockaddrLinklayer{Protocol: 0x0300, Ifindex: device.Index},
		interval: float64(flow.Length) * 8e9 / flow.Rate,
	}, nil
}

// send hands over what has come due since the beginning.
func (s *sender) send(elapsed time.Duration) error {
	due := int(float64(elapsed) / s.interval)
	if late := due - s.due; late > 8 && float64(late)*s.interval > float64(mostBehind) {
		skipped := late - max(8, int(float64(mostBehind)/s.interval))
		s.sent.Skipped += skipped
		s.due += skipped
	}
	for ; s.due < due; s.due++ {
		stamp{flow: s.index, sent: time.Now().UnixNano()}.write(s.stamp)
		switch err := unix.Sendto(s.socket, s.frame, unix.MSG_DONTWAIT, &s.to); err {
		case nil:
			s.sent.Packets++
		case unix.ENOBUFS:
			s.sent.Packets++
			s.sent.Refused++
		case unix.EAGAIN:
			s.sent.Held++
		case unix.EINTR:
			s.due--
		default:
			return fmt.Errorf("a frame of flow %d cannot be sent: %w", s.index, err)
		}
	}
	return nil
}

// Pace says how well the sender kept time while it was measured.
type Pace struct {
	// StalledMs is the sum of the pauses that the machine made.
	StalledMs float64 `json:"stalledMs"`
	LongestMs float64 `json:"longestMs"`
}

// sendAll drives all flows from the given moment on. It has a thread of its own.
func sendAll(senders []*sender, start time.Time, warmup, length time.Duration) (Pace, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	// Sleeps of the asked length, not rounded by the usual 50 µs.
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0)
	// Before everything that is not urgent, where that is allowed; it sleeps most of the time.
	_ = unix.SchedSetAttr(0, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_RR, Priority: 1}, 0)
	var pace Pace
	pause := unix.NsecToTimespec(int64(tick))
	before := start
	for first := 0; ; first++ {
		now := time.Now()
		if gap := now.Sub(before) - tick; gap > stallFrom && now.Sub(start) > warmup {
			milliseconds := float64(gap) / 1e6
			pace.StalledMs += milliseconds
			pace.LongestMs = max(pace.LongestMs, milliseconds)
		}
		before = now
		elapsed := now.Sub(start)
		if elapsed >= length {
			return pace, nil
		}
		for offset := range senders {
			if err := senders[(first+offset)%len(senders)].send(elapsed); err != nil {
				return pace, err
			}
		}
		_ = unix.Nanosleep(&pause, nil)
	}
}
