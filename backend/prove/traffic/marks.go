package main

import (
	"fmt"
	"net"

	"golang.org/x/sys/unix"
)

// The ring does not tell the fwmark of a packet, but a filter sees it: a socket for each flow whose filter lets the packets
// with the mark pass, and whose statistics count them. None is read, so that the room for them does not matter.

// Offsets of a classic filter (linux/filter.h): the mark of the packet, and what is relative to the network header.
const (
	filterMark    = 0xfffff000 + 20
	filterNetwork = 0xfff00000
)

// watchMarks opens a socket for each flow that has a mark to look for. @returns them by the number of the flow
func watchMarks(request Request) (map[int]int, error) {
	sockets := map[int]int{}
	for index, flow := range request.Flows {
		if flow.Look == nil {
			continue
		}
		socket, err := watchMark(request.Receive, uint32(index), flow)
		if err != nil {
			return nil, fmt.Errorf("marks cannot be looked for at %s: %w", request.Receive, err)
		}
		sockets[index] = socket
	}
	return sockets, nil
}

func watchMark(name string, index uint32, flow Flow) (int, error) {
	device, err := net.InterfaceByName(name)
	if err != nil {
		return 0, err
	}
	socket, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	filter := markFilter(index, flow)
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	if err := unix.SetsockoptSockFprog(socket, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &program); err != nil {
		return 0, err
	}
	return socket, unix.Bind(socket, &unix.SockaddrLinklayer{Protocol: 0x0300, Ifindex: device.Index})
}

func markFilter(index uint32, flow Flow) []unix.SockFilter {
	load := func(offset uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: offset}
	}
	at := filterNetwork + uint32(flow.Stamp)
	// Each comparison that fails goes to the last instruction, which lets nothing pass.
	same := func(value uint32, toLast uint8) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jf: toLast, K: value}
	}
	return []unix.SockFilter{
		load(at), same(magic, 6),
		load(at + 4), same(index, 4),
		load(filterMark), {Code: unix.BPF_ALU | unix.BPF_AND | unix.BPF_K, K: flow.Look.Mask}, same(flow.Look.Value, 1),
		{Code: unix.BPF_RET | unix.BPF_K, K: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: 0},
	}
}

// counted is how many packets passed the filter: those that found no room are among them.
func counted(socket int) (int, error) {
	statistics, err := unix.GetsockoptTpacketStats(socket, unix.SOL_PACKET, unix.PACKET_STATISTICS)
	if err != nil {
		return 0, fmt.Errorf("the socket that looks for a mark does not say what it saw: %w", err)
	}
	return int(statistics.Packets), nil
}
