#!/usr/bin/perl
# A phone of Net::SIP: registers, then calls whoever is named, or waits for a call. Whoever calls is echoed.
#
#   net-sip-phone.pl PORT REGISTRAR USER PASSWORD [URI]
use strict;
use warnings;
use Net::SIP;

$| = 1;
my ($port, $registrar, $user, $password, $uri) = @ARGV;
my ($host) = split /:/, $registrar;
my $phone = Net::SIP::Simple->new(
    leg => Net::SIP::Leg->new(addr => '127.0.0.1', port => $port),
    registrar => $registrar,
    outgoing_proxy => $registrar,
    domain => $host,
    from => "sip:$user\@$host",
    auth => [$user, $password],
);
$phone->register(expires => 60) or die 'not registered: ' . $phone->error . "\n";
print "registered\n";

my $ended;
if (defined $uri) {
    my $call = $phone->invite($uri, init_media => $phone->rtp('recv_echo'), recv_bye => \$ended)
        or die 'not called: ' . $phone->error . "\n";
    die 'not answered: ' . $call->error . "\n" if $call->error;
    print "established\n";
    $phone->loop(1, \$ended);
    unless ($ended) {
        my $told;
        $call->bye(cb_final => \$told);
        $phone->loop(\$told);
    }
} else {
    $phone->listen(cb_established => sub { print "established\n" },
        init_media => $phone->rtp('recv_echo'), recv_bye => \$ended);
    print "listening\n";
    $phone->loop(\$ended);
}
print "ended\n";
$phone->register(expires => 0);
die 'not unregistered: ' . $phone->error . "\n" if $phone->error;
print "unregistered\n";
