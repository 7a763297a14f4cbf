package main

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// A UDP packet of DSCP EF, as far as its ports.
const voice = "020000000002020000000001080045b80064000000004011000001020304050607089c409c4100500000"

func request(rate float64) Request {
	return Request{
		Receive: "far0", WarmupMs: 200, WindowMs: 500, Whole: true, BucketMs: 100,
		Flows: []Flow{{Device: "wan0", Head: voice, Length: 200, Network: 14, Stamp: 60, Rate: rate}},
	}
}

// A link in a network of this test's own; the thread that it is seen from is given up with the test.
func link(t *testing.T, settings ...string) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("network namespaces are made by root only")
	}
	runtime.LockOSThread()
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		t.Skip("no network namespace can be made here:", err)
	}
	for _, line := range append([]string{"ip link add wan0 type veth peer name far0", "ip link set far0 up", "ip link set wan0 up"}, settings...) {
		if said, err := exec.Command("sh", "-c", line).CombinedOutput(); err != nil {
			t.Skipf("%s: %s", line, said)
		}
	}
}

func TestEverySentPacketIsCountedAtTheFarEnd(t *testing.T) {
	link(t)
	report, err := drive(request(8e6))
	if err != nil {
		t.Fatal(err)
	}
	flow := report.Flows[0]
	if flow.Arrived != flow.Sent.Packets || report.Dropped != 0 {
		t.Errorf("sent %+v, arrived %d, dropped %d", flow.Sent, flow.Arrived, report.Dropped)
	}
	// 8 Mbit/s for half a second, less what the machine made late.
	if bits := flow.Bytes * 8; bits < 3_600_000 || bits > 4_400_000 {
		t.Errorf("%d bits arrived in the window", bits)
	}
	if flow.Dscp["46"] != flow.Packets || flow.Bytes != 200*flow.Packets {
		t.Errorf("%d packets of %d bytes, DSCP %v", flow.Packets, flow.Bytes, flow.Dscp)
	}
	if flow.Latency == nil || flow.Latency.P50 > 5 {
		t.Errorf("latency %+v", flow.Latency)
	}
	total := 0
	for _, bytes := range flow.Buckets {
		total += bytes
	}
	if total < flow.Bytes || len(flow.Buckets) != 7 {
		t.Errorf("buckets %v", flow.Buckets)
	}
}

func TestWhatAQueueRefusesIsToldFromWhatArrives(t *testing.T) {
	link(t, "tc qdisc add dev wan0 root tbf rate 2mbit burst 5k limit 5k")
	report, err := drive(request(8e6))
	if err != nil {
		t.Fatal(err)
	}
	flow := report.Flows[0]
	if flow.Sent.Refused == 0 || flow.Arrived != flow.Sent.Packets-flow.Sent.Refused {
		t.Errorf("sent %+v, arrived %d", flow.Sent, flow.Arrived)
	}
	if bits := flow.Bytes * 8; bits > 1_050_000 {
		t.Errorf("%d bits passed 2 Mbit/s in half a second", bits)
	}
	// The queue is full: 5 kB at 2 Mbit/s are 20 ms.
	if flow.Latency.P95 < 15 || flow.Latency.P95 > 40 {
		t.Errorf("latency %+v", flow.Latency)
	}
}

func TestARunEndsWithItsWindowUnlessItIsToBeWhole(t *testing.T) {
	link(t, "tc qdisc add dev wan0 root tbf rate 2mbit burst 5k limit 500k")
	wanted := request(8e6)
	for _, whole := range []bool{false, true} {
		wanted.Whole = whole
		report, err := drive(wanted)
		if err != nil {
			t.Fatal(err)
		}
		// 200 ms and 500 ms at 2 Mbit/s; the queue holds as much again and more.
		if most := 0.8 * 2e6 / 8; float64(report.Flows[0].Arrived*200) > most != whole {
			t.Errorf("whole %v: %d packets arrived in all", whole, report.Flows[0].Arrived)
		}
		if bits := report.Flows[0].Bytes * 8; bits < 900_000 || bits > 1_100_000 {
			t.Errorf("whole %v: %d bits passed 2 Mbit/s in half a second", whole, bits)
		}
	}
}

func TestMarksTagsAndCopiesAreSeen(t *testing.T) {
	link(t, "ip link add tap0 type veth peer name tap1", "ip link set tap0 up", "ip link set tap1 up",
		"tc qdisc add dev wan0 root handle 1: htb",
		"tc filter add dev wan0 parent 1: protocol all u32 match u32 0 0 action mirred egress mirror dev tap0")
	wanted := request(1e6)
	wanted.Beside = []string{"tap1"}
	wanted.Flows[0].Mark = 0x15
	wanted.Flows[0].Look = &Masked{Value: 0x10, Mask: 0xf0}
	other := wanted.Flows[0]
	other.Mark = 0x25
	leaving := wanted.Flows[0]
	leaving.Device, leaving.Look = "tap1", nil
	wanted.Flows = append(wanted.Flows, other, leaving)
	report, err := drive(wanted)
	if err != nil {
		t.Fatal(err)
	}
	if copies := report.Beside["tap1"][2]; copies != 0 || report.Flows[2].Sent.Packets == 0 {
		t.Errorf("%d of %d packets that left by tap1 were taken for copies", copies, report.Flows[2].Sent.Packets)
	}
	for index, marked := range []int{report.Flows[0].Arrived, 0} {
		flow := report.Flows[index]
		if flow.Arrived == 0 || flow.Marked != marked || report.Beside["tap1"][index] != flow.Arrived {
			t.Errorf("flow %d: %d arrived, %d with the mark, copies %v", index, flow.Arrived, flow.Marked, report.Beside)
		}
	}
}

func TestARequestIsRefusedWithItsReason(t *testing.T) {
	for reason, text := range map[string]string{
		"not what this program reads": `{"flow": 1}`,
		"no receiving interface":      `{"windowMs": 1}`,
		"0 flows":                     `{"receive": "far0"}`,
		"not hexadecimal":             `{"receive":"far0","windowMs":1,"bucketMs":1,"flows":[{"device":"wan0","head":"xy","length":100,"network":14,"rate":1}]}`,
		"cannot be sent":              `{"receive":"far0","windowMs":1,"bucketMs":1,"flows":[{"device":"wan0","head":"00","length":60,"network":14,"stamp":60,"rate":1}]}`,
		"out of bounds":               `{"receive":"far0","windowMs":10000000,"bucketMs":1,"flows":[{"device":"wan0","head":"00","length":100,"network":14,"rate":1}]}`,
	} {
		if _, err := readRequest(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%s: %v", reason, err)
		}
	}
}

func TestAStampIsReadAsItWasWritten(t *testing.T) {
	place := make([]byte, stampLength)
	stamp{flow: 7, sent: 1 << 60}.write(place)
	if found, ours := readStamp(place); !ours || found != (stamp{flow: 7, sent: 1 << 60}) {
		t.Errorf("%+v %v", found, ours)
	}
	if _, ours := readStamp(make([]byte, stampLength)); ours {
		t.Error("a frame of another sender was taken for ours")
	}
}
