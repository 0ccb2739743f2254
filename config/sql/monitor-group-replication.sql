-- The account by which Switchyard watches a group of MySQL servers (Group Replication, InnoDB Cluster; 8.0, 8.4, 9.x). It
-- changes nothing and reads no table of yours. Run on the primary; the group brings it to the others:
--
--   sed "s/MONITOR_PASSWORD/…/" config/sql/monitor-group-replication.sql | mysql -u root -p
--
-- `switchyard check --connect` tells what is missing.
CREATE USER IF NOT EXISTS 'monitor'@'%' IDENTIFIED BY 'MONITOR_PASSWORD';

-- Who is in the group, in which state, and who is the primary.
GRANT SELECT ON performance_schema.replication_group_members TO 'monitor'@'%';

-- SHOW REPLICA STATUS: whom a member replicates from besides.
GRANT REPLICATION CLIENT ON *.* TO 'monitor'@'%';

-- Other accounts' threads: replicas that connect, and writes that a global read lock holds up.
GRANT PROCESS ON *.* TO 'monitor'@'%';

-- SHOW REPLICAS, to find replicas that the settings do not name. Not needed with `discover: false`.
GRANT REPLICATION SLAVE ON *.* TO 'monitor'@'%';

-- The accounts and what proves their passwords, to mirror them. Not needed with `users:` in the settings.
GRANT SELECT ON mysql.user TO 'monitor'@'%';
GRANT SELECT ON mysql.global_grants TO 'monitor'@'%';
