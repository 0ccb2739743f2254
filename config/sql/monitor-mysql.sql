-- The account by which Switchyard watches a MySQL cluster (8.0, 8.4, 9.x). It changes nothing and reads no table of yours.
-- Run on the primary; replication brings it to the replicas:
--
--   sed "s/MONITOR_PASSWORD/…/" config/sql/monitor-mysql.sql | mysql -u root -p
--
-- `switchyard check --connect` tells what is missing. Where the settings say `tls:`, add REQUIRE SSL; instead of '%' may
-- stand the network that the proxies are in.
CREATE USER IF NOT EXISTS 'monitor'@'%' IDENTIFIED BY 'MONITOR_PASSWORD';

-- SHOW REPLICA STATUS: whom a node replicates from, and how far it is.
GRANT REPLICATION CLIENT ON *.* TO 'monitor'@'%';

-- Other accounts' threads: replicas that connect, and writes that a global read lock holds up.
GRANT PROCESS ON *.* TO 'monitor'@'%';

-- SHOW REPLICAS, to find replicas that the settings do not name. Not needed with `discover: false`.
GRANT REPLICATION SLAVE ON *.* TO 'monitor'@'%';

-- The accounts and what proves their passwords, to mirror them. Not needed with `users:` in the settings.
GRANT SELECT ON mysql.user TO 'monitor'@'%';
GRANT SELECT ON mysql.global_grants TO 'monitor'@'%';
