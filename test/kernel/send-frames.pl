#!/usr/bin/env perl
# send-frames.pl DEVICE [RATE SECONDS]: sends Ethernet frames, one line of hexadecimal digits each on standard input, out
# of DEVICE through its queueing discipline; with RATE (bit/s), all of them in turn, again and again for so many seconds.
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
# Beside the digits, "mark=N" and "priority=N" say what the kernel keeps of a packet outside of it.
my @frames = map { chomp; my ($hex, %meta) = (split(/ /))[0]; $meta{$1} = $2 while /(mark|priority)=(\d+)/g; [pack('H*', $hex), \%meta] } <STDIN>;
my ($SOL_SOCKET, $SO_PRIORITY, $SO_MARK) = (1, 12, 36);

if (!$rate) {
    for (@frames) {
        my ($frame, $meta) = @$_;
        setsockopt($socket, $SOL_SOCKET, $SO_PRIORITY, pack('i', $meta->{priority} // 0)) or die "priority: $!\n";
        setsockopt($socket, $SOL_SOCKET, $SO_MARK, pack('I', $meta->{mark} // 0)) or die "mark: $!\n";
        send($socket, $frame, 0, $to) or die "send: $!\n";
    }
    exit 0;
}
my $turn = 0;
my $tick = POSIX::sysconf(&POSIX::_SC_CLK_TCK);
my $now = sub { (POSIX::times())[0] / $tick };
my $start = $now->();
my $sent = 0;
while ((my $elapsed = $now->() - $start) < $seconds) {
    # What has come due since the last look, at once; a full queue is the test's matter, not this program's.
    while ($sent * 8 < $rate * $elapsed) {
        my $frame = $frames[$turn++ % @frames][0];
        send($socket, $frame, 0x40, $to);
        $sent += length $frame;
    }
    select(undef, undef, undef, 0.002);
}
