package main

import (
	"fmt"
	"net"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A ring shared with the kernel: no call for each packet, and its own timestamp of each. Packets are cut to their headers
// and the stamp.
const (
	slotSize  = 256
	slots     = 1 << 16
	blockSize = 1 << 16
	blocks    = slots * slotSize / blockSize
)

type ring struct {
	socket int
	memory []byte
	next   int
}

// packet is one frame as it arrived.
type packet struct {
	// at is the kernel's time of arrival in nanoseconds
	at int64
	// length at layer 2, with a tag
	length int
	// network and what follows of what was kept
	network []byte
	// etherType behind any tag
	etherType uint16
	tagged    bool
	// tci is VLAN and priority as the tag has them
	tci uint16
}

func openRing(name string) (*ring, error) {
	device, err := net.InterfaceByName(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	socket, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("a packet socket cannot be opened: %w", err)
	}
	options := []struct{ level, name, value int }{
		{unix.SOL_PACKET, unix.PACKET_VERSION, unix.TPACKET_V2},
		// The first makes the kernel take the time as a packet arrives, the second makes the ring tell that time.
		{unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1},
		{unix.SOL_PACKET, unix.PACKET_TIMESTAMP, unix.SOF_TIMESTAMPING_SOFTWARE},
	}
	for _, option := range options {
		if err := unix.SetsockoptInt(socket, option.level, option.name, option.value); err != nil {
			return nil, fmt.Errorf("the receiving socket refuses option %d: %w", option.name, err)
		}
	}
	request := unix.TpacketReq{Block_size: blockSize, Block_nr: blocks, Frame_size: slotSize, Frame_nr: slots}
	if err := unix.SetsockoptTpacketReq(socket, unix.SOL_PACKET, unix.PACKET_RX_RING, &request); err != nil {
		return nil, fmt.Errorf("the ring of %d MiB cannot be made: %w", slots*slotSize>>20, err)
	}
	memory, err := unix.Mmap(socket, 0, slots*slotSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("the ring cannot be shared: %w", err)
	}
	// Last, so that nothing of another interface comes in. ETH_P_ALL in network order.
	if err := unix.Bind(socket, &unix.SockaddrLinklayer{Protocol: 0x0300, Ifindex: device.Index}); err != nil {
		return nil, fmt.Errorf("%s cannot be listened at: %w", name, err)
	}
	return &ring{socket: socket, memory: memory}, nil
}

// sweep hands over everything that has arrived. @returns how many there were
func (r *ring) sweep(take func(packet)) int {
	count := 0
	for ; ; count++ {
		slot := r.memory[r.next*slotSize : (r.next+1)*slotSize]
		header := (*unix.Tpacket2Hdr)(unsafe.Pointer(&slot[0]))
		if atomic.LoadUint32(&header.Status)&unix.TP_STATUS_USER == 0 {
			return count
		}
		take(read(slot, header))
		atomic.StoreUint32(&header.Status, unix.TP_STATUS_KERNEL)
		r.next = (r.next + 1) % slots
	}
}

func read(slot []byte, header *unix.Tpacket2Hdr) packet {
	end := min(int(header.Mac)+int(header.Snaplen), len(slot))
	network := slot[min(int(header.Net), end):end]
	found := packet{
		at:      int64(header.Sec)*int64(time.Second) + int64(header.Nsec),
		length:  int(header.Len),
		network: network,
		tagged:  header.Status&unix.TP_STATUS_VLAN_VALID != 0,
		tci:     header.Vlan_tci,
	}
	if mac := int(header.Mac); mac+14 <= end {
		found.etherType = uint16(slot[mac+12])<<8 | uint16(slot[mac+13])
	}
	if found.tagged {
		found.length += 4
	}
	return found
}

// dropped is how many packets the ring had no room for since it was last asked.
func (r *ring) dropped() (int, error) {
	statistics, err := unix.GetsockoptTpacketStats(r.socket, unix.SOL_PACKET, unix.PACKET_STATISTICS)
	if err != nil {
		return 0, fmt.Errorf("the receiving socket does not say what it dropped: %w", err)
	}
	return int(statistics.Drops), nil
}
