{{/* Pods that are no service: they configure, test, or answer calls in a trial. */}}
{{- define "tandem.toolPod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  fsGroup: 1000
  seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "tandem.toolContainer" -}}
image: {{ include "tandem.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
resources:
  requests: { cpu: 50m, memory: 96Mi }
  limits: { memory: 384Mi }
{{- end -}}

{{/* How the command line and the test reach the API. */}}
{{- define "tandem.apiEnv" -}}
- name: TANDEM_API
  value: http://{{ include "tandem.host" (dict "root" . "name" "api") }}:{{ .Values.api.service.port }}
- name: TANDEM_TOKEN_FILE
  value: /etc/tandem/token/api-token
{{- end -}}

{{- define "tandem.tokenVolume" -}}
- name: token
  secret: { secretName: {{ include "tandem.tokenSecret" . }}, defaultMode: 0440, items: [{ key: api-token, path: api-token }] }
{{- end -}}
