#!/usr/bin/env perl
# send-frames.pl DEVICE [RATE SECONDS]: sends Ethernet frames, one line of hexadecimal digits each on standard input, out
# of DEVICE through its queueing discipline; with RATE (bit/s), the first of them again and again for so many seconds.
use strict;
use warnings;
use POSIX ();

my ($device, $rate, $seconds) = @ARGV;
my ($PF_PACKET, $SOCK_RAW, $ETH_P_ALL, $SIOCGIFINDEX) = (17, 3, 0x0003, 0x8933);
socket(my $socket, $PF_PACKET, $SOCK_RAW, 0) or die "socket: $!\n";
my $request = pack('a16 x16', $device);
ioctl($socket, $SIOCGIFINDEX, $request) or die "$device: $!\n";
my $index = unpack('x16 i', $request);
my $to = pack('S n i S C C x8', $PF_PACKET, $ETH_P_ALL, $index, 0, 0, 0);
my @frames = map { chomp; pack('H*', $_) } <STDIN>;

if (!$rate) {
    for my $frame (@frames) {
        send($socket, $frame, 0, $to) or die "send: $!\n";
    }
    exit 0;
}
my ($frame) = @frames;
my $tick = POSIX::sysconf(&POSIX::_SC_CLK_TCK);
my $now = sub { (POSIX::times())[0] / $tick };
my $start = $now->();
my $sent = 0;
while ((my $elapsed = $now->() - $start) < $seconds) {
    # What has come due since the last look, at once; a full queue is the test's matter, not this program's.
    while ($sent * 8 < $rate * $elapsed) {
        send($socket, $frame, 0x40, $to);
        $sent += length $frame;
    }
    select(undef, undef, undef, 0.002);
}
