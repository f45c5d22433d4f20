# Starts one store on its usual port, open to whoever reaches it: the shop's data is invented and lives as long as the pod.
set -eu
umask 077
# Nothing else can be written to.
export HOME=/data TMPDIR=/data
case "${1:-}" in
redis)
  exec redis-server --bind 0.0.0.0 --port 6379 --dir /data --save "" --appendonly no \
    --maxmemory 64mb --maxmemory-policy allkeys-lru --protected-mode no
  ;;
postgres)
  bin=/usr/lib/postgresql/15/bin
  rm -rf /data/db
  $bin/initdb -D /data/db -U postgres -A trust --no-sync -E UTF8 --locale=C > /dev/null
  echo "host all all all trust" > /data/db/pg_hba.conf
  exec $bin/postgres -D /data/db -c "listen_addresses=*" -c unix_socket_directories= -c fsync=off -c synchronous_commit=off \
    -c full_page_writes=off -c shared_buffers=16MB -c dynamic_shared_memory_type=mmap
  ;;
mariadb)
  # What a start that failed has left stands in the way of the next.
  rm -rf /data/db
  mariadb-install-db --no-defaults --datadir=/data/db --auth-root-authentication-method=normal --skip-test-db > /dev/null
  # A line is a statement.
  printf '%s\n' "CREATE OR REPLACE USER root@'%' IDENTIFIED BY '';" "GRANT ALL PRIVILEGES ON *.* TO root@'%' WITH GRANT OPTION;" > /data/users.sql
  exec mariadbd --no-defaults --datadir=/data/db --socket=/data/socket --pid-file=/data/pid --init-file=/data/users.sql \
    --bind-address=0.0.0.0 --port=3306 --skip-name-resolve --max-connections=100 \
    --innodb-buffer-pool-size=32M --innodb-log-file-size=8M --innodb-flush-log-at-trx-commit=0
  ;;
rabbitmq)
  printf '%s\n' "listeners.tcp.1 = 0.0.0.0:5672" "loopback_users = none" "log.console = true" "log.console.level = warning" \
    "log.file = false" "disk_free_limit.absolute = 10MB" > /data/rabbitmq.conf
  echo "[]." > /data/plugins
  export RABBITMQ_NODENAME=rabbit@localhost RABBITMQ_CONFIG_FILE=/data/rabbitmq.conf RABBITMQ_ENABLED_PLUGINS_FILE=/data/plugins
  export RABBITMQ_MNESIA_BASE=/data/db RABBITMQ_LOG_BASE=/data/log RABBITMQ_PID_FILE=/data/pid RABBITMQ_CONF_ENV_FILE=/data/none
  # Erlang would take a second's turns of every core to wait.
  export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="+sbwt none +sbwtdcpu none +sbwtdio none"
  exec /usr/lib/rabbitmq/bin/rabbitmq-server
  ;;
*)
  echo "Which store? redis, postgres, mariadb or rabbitmq, not \"${1:-}\"" >&2
  exit 2
  ;;
esac
