# converse.pl server ADDRESS PORT: answers one TCP conversation with the bytes that it is sent, and prints how many there were
# and the mark that its packets came with. converse.pl client ADDRESS PORT BYTES: prints how many came back.
use strict;
use warnings;
use Socket;

my ($side, $address, $port, $bytes) = @ARGV;
my $to = pack_sockaddr_in($port, inet_aton($address));
use constant SO_MARK => 36;
alarm 20;
socket(my $socket, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
if ($side eq 'server') {
  setsockopt($socket, SOL_SOCKET, SO_REUSEADDR, 1);
  bind($socket, $to) && listen($socket, 1) or die "listen: $!";
  accept(my $peer, $socket) or die "accept: $!";
  my $mark = unpack('I', getsockopt($peer, SOL_SOCKET, SO_MARK));
  my $count = 0;
  while (my $read = sysread($peer, my $part, 65536)) {
    $count += $read;
    for (my $sent = 0; $sent < $read;) { $sent += syswrite($peer, $part, $read - $sent, $sent) // die "write: $!" }
  }
  print "server $count mark $mark\n";
} else {
  my $tries = 0;
  until (connect($socket, $to)) {
    die "connect: $!" if ++$tries > 50;
    select(undef, undef, undef, 0.1);
    socket($socket, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
  }
  # As many bytes as a round of the server holds at once, so that neither waits for the other.
  my $back = 0;
  for (my $sent = 0; $sent < $bytes; $sent += 1000) {
    syswrite($socket, 'x' x 1000) == 1000 or die "write: $!";
    for (my $read = 0; $read < 1000;) { $read += sysread($socket, my $part, 1000 - $read) || die "read: $!"; }
    $back += 1000;
  }
  print "client $back\n";
}
