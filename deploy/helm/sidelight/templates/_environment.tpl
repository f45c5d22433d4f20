{{/* Control's settings: a value a variable. */}}
{{- define "sidelight.environment" -}}
{{- $values := .Values -}}
{{- $env := dict
  "SIDELIGHT_GRPC_LISTEN" (printf "%s:%d" .Values.listenAddress (int .Values.ports.grpc))
  "SIDELIGHT_HTTP_LISTEN" (printf "%s:%d" .Values.listenAddress (int .Values.ports.http))
  "SIDELIGHT_DATA_DIR" "/data"
  "SIDELIGHT_KUBERNETES" (.Values.kubernetes.inventory | ternary "on" "off")
  "SIDELIGHT_FILTER_URL" (.Values.filterUrl | default (include "sidelight.httpUrl" .))
  "SIDELIGHT_PUBLIC_URL" .Values.publicUrl
  "SIDELIGHT_TRACE_URL" .Values.traceUrl
  "SIDELIGHT_LOG_LEVEL" .Values.logLevel
  "SIDELIGHT_INBOX_MAX_MB" (int .Values.inboxMaxMb)
  "SIDELIGHT_STORE" .Values.store.engine
  "SIDELIGHT_HISTORY" .Values.store.keep
  "SIDELIGHT_MAX_ENDPOINTS" (int .Values.maxEndpoints)
  "SIDELIGHT_REPORT_INTERVAL_MS" (int .Values.reportIntervalMs)
  "SIDELIGHT_METRICS_EDGES" (int .Values.metricsEdges)
  "SIDELIGHT_EXEMPLARS" (.Values.exemplars | ternary "on" "off")
  "SIDELIGHT_TAP" (.Values.liveRequests | ternary "on" "off")
-}}
{{- if and .Values.optIn.enabled .Values.kubernetes.inventory -}}
{{- $service := printf "%s.%s.svc.%s" (include "sidelight.fullname" .) .Release.Namespace .Values.optIn.clusterDomain -}}
{{- $_ := set $env "SIDELIGHT_OBSERVE" "on" -}}
{{- $_ := set $env "SIDELIGHT_OBSERVE_INGEST" (printf "%s:%d" $service (int .Values.ports.grpc)) -}}
{{- $_ := set $env "SIDELIGHT_OBSERVE_OWNER" (printf "%s:opt-in" (include "sidelight.clusterName" .)) -}}
{{- $_ := set $env "SIDELIGHT_MESH_ROOT" .Values.optIn.meshRoot -}}
{{- $_ := set $env "SIDELIGHT_OBSERVE_TCP" (.Values.optIn.tcp | ternary "on" "off") -}}
{{- end -}}
{{- if eq .Values.store.engine "influxdb" -}}
{{- with .Values.store.influxdb -}}
{{- $_ := set $env "SIDELIGHT_INFLUX_URL" .url -}}
{{- $_ := set $env "SIDELIGHT_INFLUX_ORG" .org -}}
{{- $_ := set $env "SIDELIGHT_INFLUX_BUCKET" .bucket -}}
{{- $_ := set $env "SIDELIGHT_INFLUX_TOKEN_FILE" "/etc/sidelight/influxdb/token" -}}
{{- end -}}
{{- else -}}
{{- $_ := set $env "SIDELIGHT_HISTORY_MAX_MB" (int .Values.store.maxMb) -}}
{{- $_ := set $env "SIDELIGHT_STORE_MEMORY_MB" (int .Values.store.memoryMb) -}}
{{- end -}}
{{- with .Values.sink -}}
{{- if .url -}}
{{- $_ := set $env "SIDELIGHT_SINK_URL" .url -}}
{{- $_ := set $env "SIDELIGHT_SINK_ORG" .org -}}
{{- $_ := set $env "SIDELIGHT_SINK_BUCKET" .bucket -}}
{{- $_ := set $env "SIDELIGHT_SINK_STEP" .step -}}
{{- if .tokenSecret.name -}}
{{- $_ := set $env "SIDELIGHT_SINK_TOKEN_FILE" "/etc/sidelight/sink/token" -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if or .Values.objects .Values.objectConfigMaps -}}
{{- $_ := set $env "SIDELIGHT_ALERTS_DIR" "/etc/sidelight/objects" -}}
{{- end -}}
{{- if .Values.openApiConfigMaps -}}
{{- $_ := set $env "SIDELIGHT_OPENAPI_DIR" "/etc/sidelight/openapi" -}}
{{- end -}}
{{- if .Values.routes -}}
{{- $_ := set $env "SIDELIGHT_ROUTES" "/etc/sidelight/files/routes" -}}
{{- end -}}
{{- if .Values.inventory -}}
{{- $_ := set $env "SIDELIGHT_INVENTORY" "/etc/sidelight/files/inventory.yaml" -}}
{{- end -}}
{{- range $name, $value := $env }}
{{- if ne (toString $value) "" }}
- name: {{ $name }}
  value: {{ toString $value | quote }}
{{- end }}
{{- end }}
{{- end -}}
