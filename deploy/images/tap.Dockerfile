# The tap: tcpdump, the module that reads packets, and what tells control of them. From the root of the clone:
#
#     buildah bud -f deploy/images/tap.Dockerfile -t localhost/sidelight-tap:0.1.0 .
#
# It runs as user 1000 on a read-only root and writes nothing. tcpdump alone may capture: its file has the capability NET_RAW, which
# it gets where the container is given that one and may gain it (deploy/helm/sidelight, docs/decisions/0104).

FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY asconfig.json tsconfig.json ./
COPY provision provision
COPY proto proto
COPY wasm-filter wasm-filter
RUN node --import tsx provision/build.ts proto tap
COPY client client
COPY control control
COPY tap tap
# One file: a pod on every node is to start at once, and to take neither packages nor a compiler along.
RUN npx esbuild tap/main.ts --bundle --platform=node --target=node24 --format=esm --outfile=build/image/tap/main.mjs \
      --banner:js='import { createRequire } from "node:module"; const require = createRequire(import.meta.url);'

FROM node:24-bookworm-slim
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends tcpdump libcap2-bin \
 && setcap cap_net_raw+ep /usr/bin/tcpdump \
 && apt-get purge -y --auto-remove libcap2-bin \
 && rm -rf /var/lib/apt/lists/* \
 # Nothing else in here is to gain a right.
 && find / -xdev -type f -perm /6000 -exec chmod a-s {} +
WORKDIR /app
ENV NODE_ENV=production
COPY --from=build /src/build/image/tap tap
COPY --from=build /src/build/tap build/tap
COPY package.json LICENSE ./
USER 1000:1000
ENTRYPOINT ["node", "tap/main.mjs"]
CMD ["--live"]
