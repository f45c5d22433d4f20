{{/* What is mounted below /etc/sidelight: name and source of each volume. */}}
{{- define "sidelight.volumes" -}}
{{- if or .Values.objects .Values.objectConfigMaps }}
- name: objects
  projected:
    sources:
      {{- if .Values.objects }}
      - configMap: { name: {{ include "sidelight.fullname" . }}-objects }
      {{- end }}
      {{- range .Values.objectConfigMaps }}
      - configMap: { name: {{ . }} }
      {{- end }}
{{- end }}
{{- if .Values.openApiConfigMaps }}
- name: openapi
  projected:
    sources:
      {{- range .Values.openApiConfigMaps }}
      - configMap: { name: {{ . }} }
      {{- end }}
{{- end }}
{{- if or .Values.routes .Values.inventory }}
- name: files
  configMap: { name: {{ include "sidelight.fullname" . }}-files }
{{- end }}
{{- if eq .Values.store.engine "influxdb" }}
- name: influxdb
  secret:
    secretName: {{ .Values.store.influxdb.tokenSecret.name }}
    items: [{ key: {{ .Values.store.influxdb.tokenSecret.key }}, path: token }]
{{- end }}
{{- if and .Values.sink.url .Values.sink.tokenSecret.name }}
- name: sink
  secret:
    secretName: {{ .Values.sink.tokenSecret.name }}
    items: [{ key: {{ .Values.sink.tokenSecret.key }}, path: token }]
{{- end }}
{{- range .Values.secrets }}
- name: secrets-{{ . | replace "." "-" }}
  secret: { secretName: {{ . }} }
{{- end }}
{{- end -}}

{{/* Where each of them is. */}}
{{- define "sidelight.volumeMounts" -}}
{{- range include "sidelight.volumes" . | fromYamlArray }}
{{- $folder := hasPrefix "secrets-" .name | ternary (printf "secrets/%s" (dig "secret" "secretName" "" .)) .name }}
- { name: {{ .name }}, mountPath: /etc/sidelight/{{ $folder }}, readOnly: true }
{{- end }}
{{- end -}}
