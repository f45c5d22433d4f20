{{/* Addresses are all that a tap tells: somebody has to name them. */}}
{{- define "sidelight.hasTap" -}}
{{- if and .Values.tap.enabled (or .Values.kubernetes.inventory .Values.inventory) -}}true{{- end -}}
{{- end -}}

{{- define "sidelight.tapName" -}}
{{- printf "%s-tap" (include "sidelight.fullname" .) -}}
{{- end -}}

{{- define "sidelight.tapSelectorLabels" -}}
app.kubernetes.io/name: sidelight
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: tap
{{- end -}}

{{- define "sidelight.tapLabels" -}}
{{ include "sidelight.tapSelectorLabels" . }}
{{ include "sidelight.commonLabels" . }}
{{- end -}}

{{- define "sidelight.tapImage" -}}
{{- include "sidelight.imageName" (list .Values.tap.image .Chart.AppVersion) -}}
{{- end -}}

{{/* The tap's settings: a value a variable. What is empty is left out. */}}
{{- define "sidelight.tapEnvironment" -}}
{{- $service := printf "%s.%s.svc" (include "sidelight.fullname" .) .Release.Namespace -}}
{{- $env := dict
  "SIDELIGHT_TAP_CONTROL" (printf "%s:%d" $service (int .Values.ports.grpc))
  "SIDELIGHT_TAP_HEALTH" (printf "127.0.0.1:%d" (int .Values.tap.healthPort))
  "SIDELIGHT_TAP_BUFFER_MB" (int .Values.tap.bufferMb)
  "SIDELIGHT_TAP_INTERFACES" (join "," .Values.tap.interfaces)
  "SIDELIGHT_TAP_FILTER" .Values.tap.filter
-}}
{{- range $name, $value := $env }}
{{- if ne (toString $value) "" }}
- { name: {{ $name }}, value: {{ $value | toString | quote }} }
{{- end }}
{{- end }}
{{- end -}}
