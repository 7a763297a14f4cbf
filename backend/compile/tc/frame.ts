/** Largest Ethernet frame without its checksum, bytes; what a queue serves at least at a time. */
export const MTU_FRAME = 1514;
