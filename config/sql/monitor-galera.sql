-- The account by which Switchyard watches a Galera cluster of MariaDB (10.5.9 and later). It changes nothing and reads no
-- table of yours. Run on any node; Galera brings it to the others:
--
--   sed "s/MONITOR_PASSWORD/…/" config/sql/monitor-galera.sql | mariadb -u root -p
--
-- `switchyard check --connect` tells what is missing. The state of the cluster (SHOW STATUS LIKE 'wsrep_%') is everybody's
-- to see; the rest is for asynchronous replicas of a node, and for replication from another cluster.
CREATE USER IF NOT EXISTS 'monitor'@'%' IDENTIFIED BY 'MONITOR_PASSWORD';

-- SHOW ALL SLAVES STATUS: whom a node replicates from besides.
GRANT SLAVE MONITOR ON *.* TO 'monitor'@'%';

-- Other accounts' threads: replicas that connect, and writes that a global read lock holds up.
GRANT PROCESS ON *.* TO 'monitor'@'%';

-- SHOW SLAVE HOSTS, to find replicas that the settings do not name. Not needed with `discover: false`.
GRANT REPLICATION MASTER ADMIN ON *.* TO 'monitor'@'%';

-- The accounts and what proves their passwords, to mirror them. Not needed with `users:` in the settings.
GRANT SELECT ON mysql.global_priv TO 'monitor'@'%';
