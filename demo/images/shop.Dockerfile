# The shop's services, its back office and its shoppers, for the demo in a cluster. From the root of the clone:
#
#     buildah bud -f demo/images/shop.Dockerfile -t localhost/sidelight-demo-shop:0.1.0 .
#
# Each program is one file, so that a pod starts at once. They write nothing.

FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json ./
COPY demo/shop demo/shop
COPY demo/load demo/load
# What node's own modules are asked for with `require` by packages of the old kind.
RUN npx esbuild shop=demo/shop/main.ts back-office=demo/shop/back-office/main.ts load=demo/load/main.ts \
      --bundle --platform=node --target=node24 --format=esm --out-extension:.js=.mjs --outdir=build --external:pg-native \
      --banner:js='import { createRequire } from "node:module"; const require = createRequire(import.meta.url);'

FROM node:24-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production
COPY --from=build /src/build ./
COPY demo/shop/services/front-end/assets assets
COPY LICENSE ./
USER 1000:1000
ENTRYPOINT ["node"]
