#!/usr/bin/env perl
# catch-frames.pl DEVICE SECONDS: prints the Ethernet frames that come in at DEVICE, one line of hexadecimal digits each,
# without the tag that the driver keeps beside a frame.
use strict;
use warnings;
use Time::HiRes ();

my ($device, $seconds) = @ARGV;
my ($PF_PACKET, $SOCK_RAW, $ETH_P_ALL, $SIOCGIFINDEX) = (17, 3, 0x0003, 0x8933);
my ($SOL_SOCKET, $SO_RCVBUF) = (1, 8);
socket(my $socket, $PF_PACKET, $SOCK_RAW, unpack('S', pack('n', $ETH_P_ALL))) or die "socket: $!\n";
my $request = pack('a16 x16', $device);
ioctl($socket, $SIOCGIFINDEX, $request) or die "$device: $!\n";
bind($socket, pack('S n i S C C x8', $PF_PACKET, $ETH_P_ALL, unpack('x16 i', $request), 0, 0, 0)) or die "bind: $!\n";
setsockopt($socket, $SOL_SOCKET, $SO_RCVBUF, pack('i', 8 << 20));
my $end = Time::HiRes::time() + $seconds;
$| = 1;
while ((my $left = $end - Time::HiRes::time()) > 0) {
    my $ready = '';
    vec($ready, fileno($socket), 1) = 1;
    next unless select($ready, undef, undef, $left);
    my $from = recv($socket, my $frame, 65536, 0) or next;
    # 4: what the host itself sends out there.
    print unpack('H*', $frame), "\n" unless unpack('x10 C', $from) == 4;
}
