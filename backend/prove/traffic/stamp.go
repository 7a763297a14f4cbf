package main

import "encoding/binary"

// A stamp in each frame says whose it is and when it was handed to the kernel. It stands behind the headers of the frame, at
// a distance from the network header, so that it is found whatever was done to the tags.
const (
	stampLength = 16
	magic       = 0x434c5054
)

type stamp struct {
	flow uint32
	// nanoseconds of the system's clock
	sent int64
}

func (s stamp) write(to []byte) {
	binary.BigEndian.PutUint32(to, magic)
	binary.BigEndian.PutUint32(to[4:], s.flow)
	binary.BigEndian.PutUint64(to[8:], uint64(s.sent))
}

func readStamp(from []byte) (stamp, bool) {
	if len(from) < stampLength || binary.BigEndian.Uint32(from) != magic {
		return stamp{}, false
	}
	return stamp{flow: binary.BigEndian.Uint32(from[4:]), sent: int64(binary.BigEndian.Uint64(from[8:]))}, true
}

// findStamp looks at each of the places where stamps stand.
func findStamp(network []byte, places []int) (stamp, bool) {
	for _, at := range places {
		if at < len(network) {
			if found, ours := readStamp(network[at:]); ours {
				return found, true
			}
		}
	}
	return stamp{}, false
}
