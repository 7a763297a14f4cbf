#!/usr/bin/env perl
# time-frames.pl DEVICE COUNT ROUNDS: sends each of the frames on standard input, a line of hexadecimal digits, COUNT times
# out of DEVICE, taking turns ROUNDS times. Prints for each the microseconds that a packet took in its fastest round: what
# else the machine does makes rounds slower, never faster.
use strict;
use warnings;
use Time::HiRes ();

my ($device, $count, $rounds) = @ARGV;
my ($PF_PACKET, $SOCK_RAW, $SIOCGIFINDEX) = (17, 3, 0x8933);
socket(my $socket, $PF_PACKET, $SOCK_RAW, 0) or die "socket: $!\n";
my $request = pack('a16 x16', $device);
ioctl($socket, $SIOCGIFINDEX, $request) or die "$device: $!\n";
my $to = pack('S n i S C C x8', $PF_PACKET, 3, unpack('x16 i', $request), 0, 0, 0);
my @frames = map { chomp; pack('H*', (split(/ /))[0]) } <STDIN>;
my @least;
for (1 .. $rounds) {
    for my $at (0 .. $#frames) {
        my $frame = $frames[$at];
        my $start = Time::HiRes::time();
        send($socket, $frame, 0x40, $to) for 1 .. $count;
        my $took = 1e6 * (Time::HiRes::time() - $start) / $count;
        $least[$at] = $took if !defined $least[$at] || $took < $least[$at];
    }
}
print map { sprintf("%.2f\n", $_) } @least;
