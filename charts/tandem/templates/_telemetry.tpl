{{/* Where processes send their telemetry: telemetry.otlpEndpoint, else the chart's own collector, else nowhere. */}}
{{- define "tandem.otlpEndpoint" -}}
{{- if .Values.telemetry.otlpEndpoint -}}
{{ .Values.telemetry.otlpEndpoint }}
{{- else if dig "collector" "enabled" false .Values.telemetry -}}
http://{{ include "tandem.host" (dict "root" . "name" "collector") }}:4318
{{- end -}}
{{- end -}}
