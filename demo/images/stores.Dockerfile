# The shop's stores, for the demo in a cluster: Debian's own, the one that the first word names. From the root of the clone:
#
#     buildah bud -f demo/images/stores.Dockerfile -t localhost/sidelight-demo-stores:0.1.0 .
#
# They run as user 1000 and write to /data alone, which lives as long as the pod.

FROM debian:bookworm-slim
RUN useradd --uid 1000 --home-dir /data --no-create-home --shell /usr/sbin/nologin store \
 && install -d -o 1000 -g 1000 /data \
 && install -d /etc/postgresql-common && echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.conf \
 && apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      redis-server mariadb-server-core mariadb-client-core postgresql-15 rabbitmq-server \
 && rm -rf /var/lib/apt/lists/*
COPY demo/images/store.sh /usr/local/bin/store
USER 1000:1000
WORKDIR /data
ENTRYPOINT ["sh", "/usr/local/bin/store"]
