package main

import (
	"time"

	"golang.org/x/sys/unix"
)

const (
	// Between two looks at the ring, which holds several hundred milliseconds of any link that is driven here.
	sweepEvery = 2 * time.Millisecond
	// After the last packet of a whole run was sent the queues drain; silence of this length is their end.
	silence = 200 * time.Millisecond
	drain   = 3 * time.Second
	// Ahead of the others on a busy machine: what is late here would be held against the link.
	niceness = -15
)

func drive(request Request) (Report, error) {
	_ = unix.Setpriority(unix.PRIO_PROCESS, 0, niceness)
	receiver, err := openRing(request.Receive)
	if err != nil {
		return Report{}, err
	}
	beside := make([]counter, len(request.Beside))
	for index, name := range request.Beside {
		if beside[index], err = newCounter(name, request); err != nil {
			return Report{}, err
		}
	}
	marks, err := watchMarks(request)
	if err != nil {
		return Report{}, err
	}
	senders := make([]*sender, len(request.Flows))
	for index, flow := range request.Flows {
		if senders[index], err = newSender(index, flow); err != nil {
			return Report{}, err
		}
	}
	start := time.Now()
	tally := newTally(request, start)
	ended := make(chan error, 1)
	var pace Pace
	go func() {
		var err error
		pace, err = sendAll(senders, start, time.Duration(request.WarmupMs)*time.Millisecond, request.length())
		ended <- err
	}()
	last := start
	draining := func() bool {
		return request.Whole && time.Since(last) < silence && time.Since(start) < request.length()+drain
	}
	for running := true; running || draining(); {
		if receiver.sweep(tally.take) > 0 || running {
			last = time.Now()
		}
		for _, each := range beside {
			each.ring.sweep(each.take)
		}
		select {
		case err := <-ended:
			if err != nil {
				return Report{}, err
			}
			running = false
		case <-time.After(sweepEvery):
		}
	}
	// What arrived while the sender ended is of the window.
	receiver.sweep(tally.take)
	dropped, err := receiver.dropped()
	if err != nil {
		return Report{}, err
	}
	report := Report{
		StartedAt: float64(start.UnixNano()) / 1e6,
		Pace:      pace,
		Dropped:   dropped,
		Flows:     tally.report(senders),
		Beside:    map[string][]int{},
	}
	for index, name := range request.Beside {
		report.Beside[name] = beside[index].packets
	}
	for index, socket := range marks {
		if report.Flows[index].Marked, err = counted(socket); err != nil {
			return Report{}, err
		}
	}
	return report, nil
}
