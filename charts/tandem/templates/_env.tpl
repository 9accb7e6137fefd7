{{/* Environment of a process: what its services read and need, and no more. (dict "root" $ "process" …) */}}
{{- define "tandem.env" -}}
{{- $root := .root -}}
{{- $values := .root.Values -}}
{{- $process := .process -}}
{{- $demands := include "tandem.demands" . | fromJson -}}
{{- $any := include "tandem.anyIP" $root -}}
{{- $pod := include "tandem.podIP" $root -}}
- name: POD_IP
  valueFrom: { fieldRef: { fieldPath: status.podIP } }
- name: TANDEM_INSTANCE
  valueFrom: { fieldRef: { fieldPath: metadata.name } }
- name: TANDEM_LOG_LEVEL
  value: {{ $values.logLevel }}
- name: TANDEM_ADMIN_LISTEN
  value: {{ printf "%s:%v" ($process.isHost | default false | ternary $pod $any) $process.admin | quote }}
{{- with include "tandem.otlpEndpoint" $root }}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ . | quote }}
{{- if $values.telemetry.logs }}
- name: OTEL_LOGS_EXPORTER
  value: otlp
{{- end }}
{{- end }}
{{- if gt (len $process.modules) 1 }}
- name: TANDEM_MODULES
  value: {{ join "," $process.modules }}
{{- end }}
{{- with $process.grpc }}
- name: TANDEM_GRPC_LISTEN
  value: {{ printf "%s:%v" ($process.isHost | default false | ternary $pod $any) . | quote }}
{{- end }}
{{- if and $values.tls.enabled (or $process.grpc $demands.asks) }}
{{- range $variable, $file := dict "TANDEM_TLS_CA_FILE" "ca.crt" "TANDEM_TLS_CERT_FILE" "tls.crt" "TANDEM_TLS_KEY_FILE" "tls.key" }}
- name: {{ $variable }}
  value: /etc/tandem/tls/{{ $file }}
{{- end }}
{{- end }}
{{- if $process.http }}
- name: TANDEM_API_LISTEN
  value: {{ printf "%s:%v" $any $process.http | quote }}
- name: TANDEM_DATA_DIR
  value: /etc/tandem/token
{{- end }}
{{- if has "secret-key" $demands.needs }}
- name: TANDEM_SECRET_KEY_FILE
  value: /etc/tandem/key/secret-key
{{- end }}
{{- if has "redis" $demands.needs }}
- name: TANDEM_REDIS_URL
  valueFrom: { secretKeyRef: { name: {{ $values.redis.existingSecret | default (printf "%s-stores" (include "tandem.fullname" $root)) }}, key: {{ $values.redis.existingSecret | empty | ternary "redis-url" $values.redis.existingSecretKey }} } }
{{- end }}
{{- if has "postgres" $demands.needs }}
- name: TANDEM_POSTGRES_URL
  valueFrom: { secretKeyRef: { name: {{ $values.postgres.existingSecret | default (printf "%s-stores" (include "tandem.fullname" $root)) }}, key: {{ $values.postgres.existingSecret | empty | ternary "postgres-url" $values.postgres.existingSecretKey }} } }
{{- end }}
{{- if has "kafka" $demands.needs }}
- name: TANDEM_KAFKA_BROKERS
  value: {{ $values.kafka.brokers | empty | ternary (printf "%s:9092" (include "tandem.host" (dict "root" $root "name" "kafka"))) (join "," $values.kafka.brokers) | quote }}
{{- include "tandem.kafkaEnv" $values.kafka }}
{{- end }}
{{- $services := ($root.Files.Get "services.yaml" | fromYaml).services }}
{{- $processes := (include "tandem.processes" $root | fromJson).processes }}
{{- range $asked := $demands.asks }}
{{- range $processes }}
{{- if and (has $asked .modules) .grpc }}
- name: {{ (get $services $asked).address }}
  value: {{ printf "%s:%v" (include "tandem.host" (dict "root" $root "name" .name)) .grpc | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- if $process.role }}
{{- include "tandem.edgeEnv" . }}
{{- end }}
{{- if has "TANDEM_STIR_TRUST" $demands.settings }}
{{- with $values.stir.trustSecret }}
- name: TANDEM_STIR_TRUST
  value: /etc/tandem/stir-trust/trust.pem
{{- end }}
{{- end }}
{{- range $variable, $value := $values.settings }}
{{- if has $variable $demands.settings }}
- name: {{ $variable }}
  value: {{ $value | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{/* How Kafka is spoken to: the values of kafka. */}}
{{- define "tandem.kafkaEnv" -}}
{{- if .tls.enabled }}
- name: TANDEM_KAFKA_TLS
  value: 'on'
{{- if .tls.caSecret }}
- name: TANDEM_KAFKA_TLS_CA_FILE
  value: /etc/tandem/kafka-ca/ca.crt
{{- end }}
{{- if .tls.clientSecret }}
- name: TANDEM_KAFKA_TLS_CERT_FILE
  value: /etc/tandem/kafka-client/tls.crt
- name: TANDEM_KAFKA_TLS_KEY_FILE
  value: /etc/tandem/kafka-client/tls.key
{{- end }}
{{- end }}
{{- if .sasl.mechanism }}
- name: TANDEM_KAFKA_SASL
  value: {{ .sasl.mechanism }}
- name: TANDEM_KAFKA_USERNAME
  value: {{ .sasl.username | quote }}
- name: TANDEM_KAFKA_PASSWORD_FILE
  value: /etc/tandem/kafka-password/password
{{- end }}
{{- end -}}

{{- define "tandem.edgeEnv" -}}
{{- $values := .root.Values -}}
{{- $process := .process -}}
{{- $pod := include "tandem.podIP" .root }}
- name: TANDEM_POD_NAME
  valueFrom: { fieldRef: { fieldPath: metadata.name } }
- name: TANDEM_EDGE_ROLE
  value: {{ $process.role }}
- name: TANDEM_POD_LISTEN
  value: {{ printf "%s:%v" $pod $process.link | quote }}
- name: TANDEM_SIP_ADVERTISED
  value: {{ include "tandem.advertised" .root | quote }}
- name: TANDEM_SIP_SOURCE
  value: {{ $values.sip.source }}
{{- if $process.hasSip }}
{{- $listens := list }}
{{- range $values.sip.listeners }}
{{- $listens = append $listens (printf "%s:%s:%v%s" .transport (.address | default $pod) .port (empty .advertised | ternary "" (printf "=%s" (.advertised | default "")))) }}
{{- end }}
- name: TANDEM_SIP_LISTEN
  value: {{ join "," $listens | quote }}
{{- if hasKey $process "neighbour" }}
- name: TANDEM_SIP_PORT_SHARED
  value: 'true'
{{- end }}
{{- end }}
{{- with $values.sip.tls.certificates }}
{{- $files := list }}
{{- range $index, $_ := . }}
{{- $files = append $files (printf "/etc/tandem/sip-tls-%d/tls.crt" $index) }}
{{- end }}
- name: TANDEM_SIP_TLS_CERTIFICATES
  value: {{ join "," $files | quote }}
{{- end }}
{{- if $values.sip.tls.caSecret }}
- name: TANDEM_SIP_TLS_CA
  value: /etc/tandem/sip-tls-ca/ca.crt
{{- end }}
{{- if ne $process.role "front" }}
{{- with $values.media.relays }}
- name: TANDEM_RTPENGINES
  value: {{ join "," . | quote }}
{{- end }}
{{- if $values.stir.keysSecret }}
- name: TANDEM_STIR_KEYS
  value: /etc/tandem/stir-keys
{{- end }}
{{- end }}
{{- end -}}

{{- define "tandem.advertised" -}}
{{- if .Values.sip.advertised -}}
{{ join "," .Values.sip.advertised }}
{{- else -}}
{{- $host := include "tandem.domainName" (dict "root" . "name" "sip") -}}
{{- $list := list -}}
{{- range .Values.sip.listeners -}}
{{- $list = append $list (printf "%s:%s:%v" .transport $host .port) -}}
{{- end -}}
{{ join "," $list }}
{{- end -}}
{{- end -}}
