-- What the peer's configuration needs beyond the tables that the package brings.
insert into subscriber (username, domain, ha1) values ('1001', '127.0.0.1', md5('1001:127.0.0.1:tandem-demo'));
insert into dr_gateways (gwid, type, address) values (1, 0, :'first'), (2, 0, :'second');
insert into dr_rules (ruleid, groupid, prefix, timerec, priority, routeid, gwlist) values (1, '0', '44', '', 0, '', '1,2');
alter table acc_cdrs add callid text, add src text, add dst text;
