#!/usr/bin/env bash
# Makes go.mod and go.sum of this folder anew: one Go module for all servers and tools, so that they share compiled
# packages. Change a version here and in provision/kubernetes.ts, run it, and commit what it wrote.
set -eu
cd "$(dirname "$0")"
kubernetes=v1.36.3 istio=v0.0.0-20260827124520-eed52ebb66ad
rm -f go.mod go.sum
own=$(go mod download -json "k8s.io/kubernetes@$kubernetes" | sed -n 's/.*"GoMod": "\(.*\)",/\1/p')
go mod init sidelight-test-servers
# Exactly v0.0.0: a looser match would hit k8s.io/utils and kube-openapi too, which have versions of their own.
awk '$1 ~ /^k8s.io\// && $2 == "v0.0.0" {print $1}' "$own" | sort -u |
  while read -r module; do go mod edit -replace="$module=$module@v0.${kubernetes#v1.}"; done
go get -tool "k8s.io/kubernetes/cmd/kube-apiserver@$kubernetes" "k8s.io/kubernetes/cmd/kube-controller-manager@$kubernetes" \
  "k8s.io/kubernetes/cmd/kube-scheduler@$kubernetes" "k8s.io/kubernetes/cmd/kubectl@$kubernetes" \
  "k8s.io/kubernetes/cmd/kubelet@$kubernetes" "k8s.io/kubernetes/cmd/kube-proxy@$kubernetes" \
  "istio.io/istio/pilot/cmd/pilot-discovery@$istio" "istio.io/istio/pilot/cmd/pilot-agent@$istio" \
  sigs.k8s.io/kwok/cmd/kwok@v0.8.0 helm.sh/helm/v3/cmd/helm@v3.22.0 github.com/yannh/kubeconform/cmd/kubeconform@v0.7.0 \
  go.etcd.io/etcd/server/v3
# Not the patch release that happens to be installed.
go mod edit -go=1.26.0
