{{/* What all objects are called. */}}
{{- define "sidelight.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if contains "sidelight" .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-sidelight" (.Release.Name | trunc 42 | trimSuffix "-") -}}
{{- end -}}
{{- end -}}

{{/* What belongs to no namespace is called after both. */}}
{{- define "sidelight.clusterName" -}}
{{- printf "%s:%s" .Release.Namespace (include "sidelight.fullname" .) -}}
{{- end -}}

{{- define "sidelight.selectorLabels" -}}
app.kubernetes.io/name: sidelight
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: control
{{- end -}}

{{- define "sidelight.labels" -}}
{{ include "sidelight.selectorLabels" . }}
{{ include "sidelight.commonLabels" . }}
{{- end -}}

{{- define "sidelight.commonLabels" -}}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: sidelight
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "sidelight.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "sidelight.fullname" .) -}}
{{- else -}}
{{- required "serviceAccount.name: say which ServiceAccount to use, since serviceAccount.create is false" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "sidelight.image" -}}
{{- include "sidelight.imageName" (list .Values.image .Chart.AppVersion) -}}
{{- end -}}

{{/* Of the values of an image, and the version that it has where they state none. */}}
{{- define "sidelight.imageName" -}}
{{- $image := first . -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $image.repository $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $image.repository ($image.tag | default (last .)) -}}
{{- end -}}
{{- end -}}

{{/* Where sidecars, which have no search path of this namespace, reach control over HTTP. */}}
{{- define "sidelight.httpUrl" -}}
{{- printf "http://%s.%s.svc:%d" (include "sidelight.fullname" .) .Release.Namespace (int .Values.ports.http) -}}
{{- end -}}

{{/* Values that the schema cannot refuse, as they depend on others. */}}
{{- define "sidelight.check" -}}
{{- with .Values.store -}}
{{- if eq .engine "influxdb" -}}
{{- $_ := required "store.influxdb.url: say where InfluxDB is, http://influxdb:8086, since store.engine is influxdb" .influxdb.url -}}
{{- $_ := required "store.influxdb.org: say which organisation of InfluxDB is meant, since store.engine is influxdb" .influxdb.org -}}
{{- $_ := required "store.influxdb.tokenSecret.name: name the Secret that holds InfluxDB's token, since store.engine is influxdb" .influxdb.tokenSecret.name -}}
{{- end -}}
{{- end -}}
{{- if and .Values.persistence.enabled (eq .Values.store.engine "duckdb") -}}
{{- $needed := add .Values.store.maxMb .Values.inboxMaxMb -}}
{{- $size := .Values.persistence.size -}}
{{- $factor := dict "Mi" 1 "Gi" 1024 "Ti" 1048576 -}}
{{- $unit := trimAll "0123456789" $size -}}
{{- $has := mul (trimSuffix $unit $size | int64) (get $factor $unit) -}}
{{- if lt $has $needed -}}
{{- fail (printf "persistence.size: %s is less than store.maxMb and inboxMaxMb, which are %d MiB together" $size $needed) -}}
{{- end -}}
{{- end -}}
{{- end -}}
