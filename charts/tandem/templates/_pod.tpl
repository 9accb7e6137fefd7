{{/* The pod of a process: (dict "root" $ "process" … "settings" …). */}}
{{- define "tandem.podTemplate" -}}
{{- $root := .root -}}
{{- $values := .root.Values -}}
{{- $process := .process -}}
{{- $settings := .settings -}}
{{- $isHost := $process.isHost | default false -}}
{{- $labels := dict "root" $root "component" $process.name -}}
metadata:
  labels:
    {{- include "tandem.labels" $labels | nindent 4 }}
    {{- with $settings.podLabels }}{{ toYaml . | nindent 4 }}{{ end }}
  annotations:
    tandem/secrets: {{ include "tandem.secretsChecksum" $root | quote }}
    {{- with $settings.podAnnotations }}{{ toYaml . | nindent 4 }}{{ end }}
spec:
  serviceAccountName: {{ include "tandem.fullname" $root }}-{{ $process.name }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ add $settings.preStopSeconds (hasKey $process "neighbour" | ternary 50 30) }}
  {{- if $isHost }}
  hostNetwork: true
  dnsPolicy: ClusterFirstWithHostNet
  {{- end }}
  {{- with $settings.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with $values.image.pullSecrets }}
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
  {{- with $settings.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- /* Over zones by affinity: nodes without the label of one of several spread constraints count for none of them, and few clusters of metal have zones. */}}
  {{- $affinity := $settings.affinity }}
  {{- if and (not $isHost) $settings.topologySpread.enabled (not (hasKey $affinity "podAntiAffinity")) }}
  {{- $zone := dict "topologyKey" "topology.kubernetes.io/zone" "labelSelector" (dict "matchLabels" (include "tandem.selector" $labels | fromYaml)) }}
  {{- $preferred := list (dict "weight" 100 "podAffinityTerm" $zone) }}
  {{- $affinity = merge (dict "podAntiAffinity" (dict "preferredDuringSchedulingIgnoredDuringExecution" $preferred)) $affinity }}
  {{- end }}
  {{- with $affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if not $isHost }}
  {{- if $settings.topologySpread.enabled }}
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: kubernetes.io/hostname
      whenUnsatisfiable: {{ $settings.topologySpread.whenUnsatisfiable }}
      labelSelector:
        matchLabels:
          {{- include "tandem.selector" $labels | nindent 10 }}
      matchLabelKeys: [pod-template-hash]
  {{- end }}
  {{- end }}
  {{- $tolerations := $settings.tolerations }}
  {{- if not $isHost }}
  {{- range list "not-ready" "unreachable" }}
  {{- $tolerations = append $tolerations (dict "key" (printf "node.kubernetes.io/%s" .) "operator" "Exists" "effect" "NoExecute" "tolerationSeconds" $settings.nodeLossSeconds) }}
  {{- end }}
  {{- end }}
  {{- with $tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: {{ $process.settings }}
      image: {{ include "tandem.image" $root | quote }}
      imagePullPolicy: {{ $values.image.pullPolicy }}
      args: [{{ len $process.modules | eq 1 | ternary (printf "services/%s/src/main.ts" (first $process.modules)) "services/pod/src/main.ts" }}]
      env:
        {{- include "tandem.env" (dict "root" $root "process" $process) | nindent 8 }}
      ports:
        {{- include "tandem.ports" (dict "root" $root "process" $process) | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: { drop: [ALL] }
      resources:
        {{- toYaml $settings.resources | nindent 8 }}
      {{- /* It lives once it answers; it is ready once it may be sent work: it has a configuration, its stores answer, it does not drain. */}}
      startupProbe:
        httpGet: { path: /healthz, port: admin }
        periodSeconds: 1
        failureThreshold: 120
      livenessProbe:
        httpGet: { path: /healthz, port: admin }
        periodSeconds: 5
        timeoutSeconds: 3
        failureThreshold: 6
      readinessProbe:
        httpGet: { path: /readyz, port: admin }
        periodSeconds: 2
        timeoutSeconds: 2
        failureThreshold: 2
      lifecycle:
        preStop:
          {{- if hasKey $process "neighbour" }}
          exec:
            command:
              - node
              - -e
              - {{ $root.Files.Get "files/await-neighbour.js" | quote }}
              - {{ $process.neighbour | quote }}
              - {{ $settings.preStopSeconds | quote }}
          {{- else }}
          sleep: { seconds: {{ $settings.preStopSeconds }} }
          {{- end }}
      volumeMounts:
        - { name: tmp, mountPath: /tmp }
        {{- $volumes := include "tandem.volumes" (dict "root" $root "process" $process) | fromYamlArray }}
        {{- range $volumes }}
        - { name: {{ .name }}, mountPath: /etc/tandem/{{ .name }}, readOnly: true }
        {{- end }}
        {{- with $settings.extraVolumeMounts }}{{ toYaml . | nindent 8 }}{{ end }}
  volumes:
    - { name: tmp, emptyDir: { sizeLimit: 64Mi } }
    {{- with $volumes }}{{ toYaml . | nindent 4 }}{{ end }}
    {{- with $settings.extraVolumes }}{{ toYaml . | nindent 4 }}{{ end }}
{{- end -}}

{{- define "tandem.ports" -}}
{{- $process := .process -}}
- { name: admin, containerPort: {{ $process.admin }} }
{{- with $process.grpc }}
- { name: grpc, containerPort: {{ . }} }
{{- end }}
{{- with $process.http }}
- { name: http, containerPort: {{ . }} }
{{- end }}
{{- with $process.link }}
- { name: link, containerPort: {{ . }}, protocol: UDP }
{{- end }}
{{- /* Two fronts of a node share the SIP ports, which the scheduler would not let two pods declare. */}}
{{- if and $process.hasSip (not (hasKey $process "neighbour")) }}
{{- range .root.Values.sip.listeners }}
- { name: {{ printf "%s-%v" .transport .port }}, containerPort: {{ .port }}, protocol: {{ eq .transport "udp" | ternary "UDP" "TCP" }} }
{{- end }}
{{- end }}
{{- end -}}

{{/* Volumes of Secrets, each mounted below /etc/tandem by its name. */}}
{{- define "tandem.volumes" -}}
{{- $root := .root -}}
{{- $values := .root.Values -}}
{{- $demands := include "tandem.demands" . | fromJson -}}
{{- if has "secret-key" $demands.needs }}
- name: key
  secret: { secretName: {{ include "tandem.keySecret" $root }}, defaultMode: 0440, items: [{ key: secret-key, path: secret-key }] }
{{- end }}
{{- if .process.http }}
- name: token
  secret: { secretName: {{ include "tandem.tokenSecret" $root }}, defaultMode: 0440, items: [{ key: api-token, path: api-token }] }
{{- end }}
{{- if and $values.tls.enabled (or .process.grpc $demands.asks) }}
- name: tls
  secret: { secretName: {{ include "tandem.tlsSecret" $root }}, defaultMode: 0440 }
{{- end }}
{{- if has "kafka" $demands.needs }}
{{- with $values.kafka }}
{{- if and .tls.enabled .tls.caSecret }}
- name: kafka-ca
  secret: { secretName: {{ .tls.caSecret }}, defaultMode: 0440, items: [{ key: ca.crt, path: ca.crt }] }
{{- end }}
{{- if and .tls.enabled .tls.clientSecret }}
- name: kafka-client
  secret: { secretName: {{ .tls.clientSecret }}, defaultMode: 0440, items: [{ key: tls.crt, path: tls.crt }, { key: tls.key, path: tls.key }] }
{{- end }}
{{- if .sasl.mechanism }}
- name: kafka-password
  secret: { secretName: {{ .sasl.existingSecret }}, defaultMode: 0440, items: [{ key: {{ .sasl.existingSecretKey }}, path: password }] }
{{- end }}
{{- end }}
{{- end }}
{{- if .process.role }}
{{- range $index, $certificate := $values.sip.tls.certificates }}
- name: sip-tls-{{ $index }}
  secret: { secretName: {{ $certificate.secretName }}, defaultMode: 0440 }
{{- end }}
{{- with $values.sip.tls.caSecret }}
- name: sip-tls-ca
  secret: { secretName: {{ . }}, defaultMode: 0440, items: [{ key: ca.crt, path: ca.crt }] }
{{- end }}
{{- if ne .process.role "front" }}
{{- with $values.stir.keysSecret }}
- name: stir-keys
  secret: { secretName: {{ . }}, defaultMode: 0440 }
{{- end }}
{{- end }}
{{- end }}
{{- if has "TANDEM_STIR_TRUST" $demands.settings }}
{{- with $values.stir.trustSecret }}
- name: stir-trust
  secret: { secretName: {{ . }}, defaultMode: 0440, items: [{ key: trust.pem, path: trust.pem }] }
{{- end }}
{{- end }}
{{- end -}}
