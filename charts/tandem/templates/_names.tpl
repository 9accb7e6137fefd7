{{- define "tandem.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{ .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else if contains .Chart.Name .Release.Name -}}
{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}
{{- end -}}
{{- end -}}

{{/* Labels of every object; of one component where it is given: (dict "root" $ "component" "auth"). */}}
{{- define "tandem.labels" -}}
{{ include "tandem.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "tandem.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end -}}

{{- define "tandem.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The name by which other pods reach a Service. */}}
{{- define "tandem.host" -}}
{{ include "tandem.fullname" .root }}-{{ .name }}.{{ .root.Release.Namespace }}.svc
{{- end -}}

{{/* The pod's own address where a port follows, and every address of the pod. */}}
{{- define "tandem.podIP" -}}
{{ eq .Values.network.ipFamily "IPv6" | ternary "[$(POD_IP)]" "$(POD_IP)" }}
{{- end -}}

{{- define "tandem.anyIP" -}}
{{ eq .Values.network.ipFamily "IPv6" | ternary "[::]" "0.0.0.0" }}
{{- end -}}

{{/* The same name as name servers know it, for what asks them without a search list. */}}
{{- define "tandem.domainName" -}}
{{ include "tandem.host" . }}.{{ .root.Values.network.clusterDomain }}
{{- end -}}
