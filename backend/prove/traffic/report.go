package main

import (
	"slices"
	"strconv"
	"time"
)

// Report is what one run measured.
type Report struct {
	// StartedAt in milliseconds of the system's clock: the first bucket begins there.
	StartedAt float64 `json:"startedAt"`
	Pace      Pace    `json:"pace"`
	// Dropped by the receiving socket: not the link's fault, and what was measured is not whole.
	Dropped int          `json:"dropped"`
	Flows   []FlowReport `json:"flows"`
	// Beside is how many packets of each flow arrived at each other interface, in the whole run
	Beside map[string][]int `json:"beside"`
}

// FlowReport is what became of one flow.
type FlowReport struct {
	Sent Sent `json:"sent"`
	// Arrived packets of the whole run
	Arrived int `json:"arrived"`
	// Marked are those of the whole run that arrived with the mark that was looked for
	Marked int `json:"marked"`
	// Packets and Bytes (layer 2) that arrived in the window
	Packets int `json:"packets"`
	Bytes   int `json:"bytes"`
	// Latency of what arrived in the window; absent when nothing did
	Latency *Latency `json:"latency,omitempty"`
	// Buckets are bytes that arrived, from the start of the run on
	Buckets []int `json:"buckets"`
	// Dscp and Priority (of the VLAN tag) that were seen, with how many packets; in the window
	Dscp     map[string]int `json:"dscp"`
	Priority map[string]int `json:"priority"`
	// Congested are packets in the window that a queue marked (RFC 3168)
	Congested int `json:"congested"`
}

// Latency in milliseconds, one way, from the handing over to the kernel to the arrival at the far end.
type Latency struct {
	P50 float64 `json:"p50"`
	P95 float64 `json:"p95"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

// Congestion experienced
const congested = 3

type tally struct {
	start, from, until int64
	bucket             int64
	stamps             []int // where they stand
	flows              []FlowReport
	latencies          [][]int32 // microseconds
}

func newTally(request Request, start time.Time) *tally {
	warmup := time.Duration(request.WarmupMs) * time.Millisecond
	bucket := time.Duration(request.BucketMs) * time.Millisecond
	tally := &tally{
		start: start.UnixNano(), from: start.Add(warmup).UnixNano(), until: start.Add(request.length()).UnixNano(),
		bucket: int64(bucket),
		stamps: request.stamps(),
		flows:  make([]FlowReport, len(request.Flows)), latencies: make([][]int32, len(request.Flows)),
	}
	for index := range tally.flows {
		tally.flows[index] = FlowReport{
			Buckets: make([]int, (request.length()+bucket-1)/bucket), Dscp: map[string]int{}, Priority: map[string]int{},
		}
	}
	return tally
}

func (t *tally) take(arrived packet) {
	mark, ours := findStamp(arrived.network, t.stamps)
	if !ours || int(mark.flow) >= len(t.flows) {
		return
	}
	flow := &t.flows[mark.flow]
	flow.Arrived++
	if bucket := (arrived.at - t.start) / t.bucket; arrived.at >= t.start && bucket < int64(len(flow.Buckets)) {
		flow.Buckets[bucket] += arrived.length
	}
	if arrived.at < t.from || arrived.at >= t.until {
		return
	}
	flow.Packets++
	flow.Bytes += arrived.length
	t.latencies[mark.flow] = append(t.latencies[mark.flow], int32((arrived.at-mark.sent)/1000))
	if traffic, ip := trafficClass(arrived); ip {
		flow.Dscp[strconv.Itoa(traffic>>2)]++
		if traffic&3 == congested {
			flow.Congested++
		}
	}
	if arrived.tagged {
		flow.Priority[strconv.Itoa(int(arrived.tci>>13))]++
	}
}

// trafficClass is DSCP and ECN.
func trafficClass(arrived packet) (int, bool) {
	switch arrived.etherType {
	case 0x0800:
		return int(arrived.network[1]), true
	case 0x86dd:
		return int(arrived.network[0]&15)<<4 | int(arrived.network[1]>>4), true
	default:
		return 0, false
	}
}

func (t *tally) report(senders []*sender) []FlowReport {
	for index := range t.flows {
		t.flows[index].Sent = senders[index].sent
		t.flows[index].Latency = latencyOf(t.latencies[index])
	}
	return t.flows
}

func latencyOf(microseconds []int32) *Latency {
	if len(microseconds) == 0 {
		return nil
	}
	slices.Sort(microseconds)
	// The least value that so large a part of the packets does not exceed.
	at := func(part float64) float64 {
		rank := int(part * float64(len(microseconds)))
		return float64(microseconds[min(rank, len(microseconds)-1)]) / 1000
	}
	return &Latency{P50: at(0.5), P95: at(0.95), P99: at(0.99), Max: at(1)}
}
